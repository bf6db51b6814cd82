"""Fakes of the functions' dependencies: store, queue, topic, payments, files, clock and Lambda context."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lambdas.orders import keys
from lambdas.orders.events import OrderPlaced, StatusChanged
from lambdas.orders.lifecycle import ANY_STATUS, is_open
from lambdas.orders.models import Order, Status
from lambdas.orders.table import too_many_open
from lambdas.photos.models import MAX_UPLOAD_BYTES, StoredPhoto, UploadForm
from lambdas.runtime.errors import Refusal
from lambdas.runtime.tables import Page

MAX_CUSTOMER_BYTES = 2048
MAX_ID_BYTES = 1024
"""DynamoDB's limits of partition and sort keys. It rejects longer and empty keys, even in a get."""


class FakeStore:
    """A `Store` in a dict. `test_store.py` checks that it behaves like the real one."""

    def __init__(self, *orders: Order) -> None:
        self._lock = threading.Lock()
        self._orders = {_key(order.customer, order.id): order for order in orders}
        self.writes = 0

    def all(self) -> list[Order]:
        """Every order, oldest first."""
        return sorted(self._orders.values(), key=keys.position)

    def insert(self, order: Order, limit: int = 0) -> Order | None:
        with self._lock:
            stored = self._orders.get(_key(order.customer, order.id))
            if stored is None:
                theirs = [it for it in self.all() if it.customer == order.customer and is_open(it, order.created_at)]
                if limit and len(theirs) >= limit:
                    raise too_many_open(limit)
                self._put(order)
            return stored

    def get(self, customer: str, id: str) -> Order | None:
        return self._orders.get(_key(customer, id))

    def update(
        self,
        customer: str,
        id: str,
        changes: Mapping[str, object],
        when: Collection[Status],
        match: Collection[str] | None = None,
    ) -> Order:
        with self._lock:
            order = self._orders.get(_key(customer, id))
            if order is None:
                raise Refusal("missing", f"There is no order `{id}`.")
            if match is not None and order.revision not in match:
                raise Refusal("changed", "The order has changed.")
            if order.status not in when:
                raise Refusal("conflict", f"The order is `{order.status}`.")
            fields = {**msgspec.to_builtins(order), **msgspec.to_builtins(dict(changes))}
            return self._put(msgspec.convert(fields, Order))

    def delete(
        self, customer: str, id: str, match: Collection[str] | None = None, when: Collection[Status] = ANY_STATUS
    ) -> bool:
        with self._lock:
            order = self._orders.get(_key(customer, id))
            if order is not None and match is not None and order.revision not in match:
                raise Refusal("changed", "The order has changed.")
            if order is not None and order.status not in when:
                raise Refusal("conflict", f"The order is `{order.status}`.")
            return self._orders.pop(_key(customer, id), None) is not None

    def page(self, customer: str | None, status: Status | None, limit: int, after: str | None) -> Page:
        found = [
            order
            for order in reversed(self.all())
            if customer in (None, order.customer)
            and status in (None, order.status)
            and (after is None or keys.position(order) < after)
        ]
        page = found[:limit]
        return Page(page, keys.position(page[-1]) if len(found) > limit else None)

    def _put(self, order: Order) -> Order:
        self.writes += 1
        self._orders[_key(order.customer, order.id)] = order
        return order


def _key(customer: str, id: str) -> tuple[str, str]:
    if not 1 <= len(customer.encode()) <= MAX_CUSTOMER_BYTES or not 1 <= len(id.encode()) <= MAX_ID_BYTES:
        raise RuntimeError("ValidationException: one or more parameter values are not valid")
    return customer, id


@dataclass
class FakeOutbox:
    """The kitchen's queue and the customers' topic in one. Records sent events. Sending fails for the `failing` orders
    and for the first `hiccups` events."""

    failing: Collection[str] = ()
    hiccups: int = 0
    sent: list[OrderPlaced | StatusChanged] = field(default_factory=list)

    def send(self, event: OrderPlaced | StatusChanged) -> None:
        if event.id in self.failing or self.hiccups:
            self.hiccups = max(self.hiccups - 1, 0)
            raise ConnectionError("the network is down")
        self.sent.append(event)


@dataclass
class FakeProgress:
    """Records what happened to orders."""

    events: list[tuple[str, str, object]] = field(default_factory=list)

    def moved(self, old: Order, new: Order) -> None:
        self.events.append(("moved", new.id, new.status))

    def deleted(self, old: Order, at: int) -> None:
        self.events.append(("deleted", old.id, at))


@dataclass
class FakePayments:
    """Amounts by payment key, 0 after a refund. With `declines`, every charge is declined."""

    declines: bool = False
    amounts: dict[str, int] = field(default_factory=dict)

    def charge(self, key: str, amount: int) -> bool:
        return not self.declines and self.amounts.setdefault(key, amount) > 0

    def refund(self, key: str) -> bool:
        refunded = self.amounts.get(key, 0)
        self.amounts[key] = 0
        return refunded > 0


class FakeFiles:
    """A `Files` in a dict: objects by key and version."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.versions = 0

    def put(self, key: str, content: bytes, _type: str = "") -> str:
        self.versions += 1
        version = f"version-{self.versions}"
        self.objects[key, version] = content
        return version

    def get(self, key: str, version: str) -> bytes:
        content = self.objects[key, version]
        if len(content) > MAX_UPLOAD_BYTES:
            raise Refusal("too_large", "The file is too large.")
        return content

    def delete(self, key: str, version: str) -> None:
        self.objects.pop((key, version), None)

    def upload_form(self, key: str, content_type: str) -> UploadForm:
        fields = {"key": key, "Content-Type": content_type}
        return UploadForm(bucket="photos", url="https://bucket.test/", fields=fields)

    def url(self, photo: StoredPhoto) -> str:
        assert (photo.key, photo.version) in self.objects
        return f"https://bucket.test/{photo.key}?versionId={photo.version}"


class OneAtATime:
    """A client that serializes calls, because moto's writes, unlike DynamoDB's, are not atomic."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if not callable(call):
            return call

        def locked(**arguments: Any) -> Any:
            with self._lock:
                return call(**arguments)

        return locked


class Busy:
    """A client whose first `times` transactions conflict with others."""

    def __init__(self, client, times):
        self._client = client
        self.times = times

    def __getattr__(self, name):
        return getattr(self._client, name)

    def transact_write_items(self, **arguments):
        if self.times:
            self.times -= 1
            reasons = [{"Code": "None"}, {"Code": "None"}, {"Code": "TransactionConflict"}]
            error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self._client.exceptions.TransactionCanceledException(error, "TransactWriteItems")
        return self._client.transact_write_items(**arguments)


@dataclass
class FakeClock:
    """A clock in ms that advances only with `pass_ms`."""

    now: int = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now

    def pass_ms(self, ms: int) -> None:
        self.now += ms


@dataclass
class FakeContext:
    """The context that Lambda passes to a function."""

    function_name: str = "get-orders"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:get-orders"
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    remaining_ms: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
