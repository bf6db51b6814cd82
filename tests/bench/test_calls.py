"""The benchmark calls succeed."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdas import authorize
from lambdas.cafe import services as cafe
from lambdas.identity import guest_services, token_services
from lambdas.identity import services as identity
from lambdas.invoices import services as invoices
from lambdas.orders import services as orders
from lambdas.photos import services as photos
from lambdas.runtime import aws
from lambdas.runtime import services as runtime
from tests.bench.calls import calls, environment, succeeded
from tests.bench.fake_aws import fake_aws
from tests.lambdas.fakes import FakeContext
from tests.lambdas.pool import Pool

POOL = Pool()
CALLS = calls(POOL)


def clear_caches() -> None:
    """Clear the caches, whose clients belong to another AWS."""
    for module in (aws, cafe, runtime, identity, guest_services, token_services, invoices, orders, photos, authorize):
        for each in vars(module).values():
            getattr(each, "cache_clear", lambda: None)()


@pytest.fixture(scope="module")
def _aws() -> Iterator[None]:
    with fake_aws(POOL.jwks()) as address, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in environment(address).items():
            patch.setenv(name, value)
        clear_caches()
        yield
        clear_caches()


def test_every_function_has_a_call() -> None:
    functions = {path.stem for path in (Path(__file__).parents[2] / "lambdas").glob("[!_]*.py")}

    # Its records need a bucket with a lock.
    assert functions - CALLS.keys() == {"anchor_ledger"}


@pytest.mark.usefixtures("_aws")
@pytest.mark.parametrize("name", CALLS)
def test_the_call_succeeds(name: str) -> None:
    answer = importlib.import_module(f"lambdas.{name}").handler(CALLS[name], FakeContext())

    assert succeeded(answer), answer
