"""The time that a warm function's own code takes per call: from the event to the answer, including logging and
converting DynamoDB items. Only the client is a fake.

It measures CPU time, as there is nothing to wait for. Signature verification is the library's: its time is measured
separately and subtracted.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from statistics import median, quantiles
from time import thread_time_ns
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from lambdas import authorize, create_order, get_orders
from lambdas.cafe.models import StoredItem
from lambdas.cafe.offer import Offer
from lambdas.identity.tokens import KeySet, TokenVerifier
from lambdas.orders.pricing import Pricing
from lambdas.orders.service import Orders
from lambdas.orders.table import OrdersTable, to_item
from lambdas.runtime import http
from ops.menu import menu_file
from tests.bench.calls import calls, environment, succeeded
from tests.bench.section import Row
from tests.lambdas.builders import RETENTION_DAYS, orders_of
from tests.lambdas.fakes import FakeContext
from tests.lambdas.pool import CLIENT, ISSUER, Pool

CALLS = 2_000
WARM_UP = 200
PAGE = 25

SIGNATURE = "signature"

GOALS = {"create_order": 0.3, "get_orders": 0.5, "authorize": 0.5}
"""Maximum ms, for the authorizer without signature verification."""


def times(call: Callable[[], Any], count: int) -> list[float]:
    """The CPU time of each of `count` calls, in ms."""
    for _ in range(WARM_UP):
        call()
    gc.collect()
    found = []
    for _ in range(count):
        started = thread_time_ns()
        call()
        found.append((thread_time_ns() - started) / 1e6)
    return found


def handlers(pool: Pool) -> dict[str, Callable[[], Any]]:
    """A call of each measured function."""
    events, context = calls(pool), FakeContext()
    modules = {"create_order": create_order, "get_orders": get_orders, "authorize": authorize}
    return {name: lambda m=m, e=events[name]: m.handler(e, context) for name, m in modules.items()}


def signature_check(pool: Pool) -> Callable[[], Any]:
    """A call that only verifies the token's signature."""
    content, _, signature = pool.access().rpartition(".")
    key, raw = pool.key.public_key(), jwt.utils.base64url_decode(signature)
    return lambda: key.verify(raw, content.encode(), PKCS1v15(), SHA256())


MENU = [StoredItem(**msgspec.structs.asdict(item), position=n, revision="") for n, item in enumerate(menu_file())]


class FakeClient:
    """A DynamoDB client that answers immediately. The order beyond the page shows that a next page exists."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=KeyError)

    def __init__(self) -> None:
        self._found = [to_item(order) for order in orders_of(PAGE + 1, revision="0" * 16)]

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {}

    def put_item(self, **_: Any) -> dict[str, Any]:
        return {}

    def query(self, **_: Any) -> dict[str, Any]:
        return {"Items": self._found}


@contextmanager
def faked(pool: Pool) -> Iterator[None]:
    """Patch the functions: storage answers immediately and the log is discarded."""
    pricing = Pricing(lambda: Offer(MENU), "EUR", menu_only=True)
    orders = Orders(OrdersTable("orders", FakeClient()), RETENTION_DAYS, pricing=pricing)
    verifier = TokenVerifier(ISSUER, CLIENT, KeySet("", lambda url: pool.jwks()))
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        patch.dict(os.environ, environment("")),
        patch.object(create_order, "priced_orders", lambda: orders),
        patch.object(get_orders, "orders", lambda: orders),
        patch.object(authorize, "verifier", lambda: verifier),
        patch.object(authorize.logger.handlers[0], "stream", nowhere),
        patch.object(http.logger.handlers[0], "stream", nowhere),
    ):
        yield


def percentiles(count: int) -> dict[str, tuple[float, float]]:
    """The p50 and p99 in ms of each function's calls, and of signature verification."""
    pool = Pool()
    with faked(pool):
        called = handlers(pool)
        for name, call in called.items():
            assert succeeded(call()), name
        found = {name: times(call, count) for name, call in {**called, SIGNATURE: signature_check(pool)}.items()}
    return {name: (median(took), quantiles(took, n=100)[98]) for name, took in found.items()}


def without_verification(count: int = CALLS) -> dict[str, tuple[float, float]]:
    """The same, without signature verification."""
    found = percentiles(count)
    check = found.pop(SIGNATURE)[0]
    return {
        name: (p50 - check, p99 - check) if name == "authorize" else (p50, p99) for name, (p50, p99) in found.items()
    }


def measure() -> Iterator[Row]:
    """The rows of the table, one per function."""
    names = {
        "create_order": "create an order",
        "get_orders": f"list {PAGE} orders",
        "authorize": "authorize, with a cached key and without signature verification",
    }
    for name, (p50, p99) in without_verification().items():
        yield Row(f"{names[name]}: p50, p99", f"{p50:.2f} ms, {p99:.2f} ms", f"p50 under {GOALS[name]} ms")
