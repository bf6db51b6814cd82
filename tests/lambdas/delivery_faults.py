"""Services that fail as planned, for the tests of delivery.

Faults are planned by the ID of the record, which is passed on as the correlation ID.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from lambdas.orders.events import OrderPlaced
from lambdas.orders.models import Order
from tests.lambdas.builders import stream_record
from tests.lambdas.fakes import FakeClock, FakeContext, FakeStore
from tests.lambdas.poller import Record, WorkerDied

CONTEXT = FakeContext(remaining_ms=900_000)
"""A call may take 15 minutes. Retries after a crashed call must not have to wait that long."""


class Fault(Enum):
    """How an attempt fails."""

    BEFORE = auto()
    """An error before the effect."""
    AFTER = auto()
    """An error after the effect: the response is lost."""
    DEATH_BEFORE = auto()
    """The worker, and so the whole call, dies before the effect."""
    DEATH_AFTER = auto()

    @property
    def has_effect(self) -> bool:
        return self in (Fault.AFTER, Fault.DEATH_AFTER)

    @property
    def error(self) -> BaseException:
        return ConnectionError("fault") if self in (Fault.BEFORE, Fault.AFTER) else WorkerDied()


class Plan(NamedTuple):
    """The faults of the attempts at one record: one for each of the first attempts, then `always` for all others."""

    first: tuple[Fault, ...] = ()

    always: Fault | None = None


FINE = Plan()
ERRORS = st.sampled_from([Fault.BEFORE, Fault.AFTER])
FAULTS = st.sampled_from(Fault)


def plans(faults: st.SearchStrategy[Fault] = FAULTS) -> st.SearchStrategy[Plan]:
    """No faults, a few that retries overcome, or a permanent one. Half of the plans have no faults."""
    temporary = st.lists(faults, min_size=1, max_size=3).map(lambda first: Plan(tuple(first)))
    permanent = st.builds(Plan, st.just(()), faults)
    return st.one_of(st.just(FINE), st.just(FINE), temporary, permanent)


@dataclass
class Faults:
    """Runs attempts with the planned faults and counts the results."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    """The number of successful attempts by record."""
    effects: Counter[str] = field(default_factory=Counter)
    """The number of attempts with an effect, successful or not, by record."""
    are_over: bool = False

    def __post_init__(self) -> None:
        self._next = {
            key: itertools.chain(plan.first, itertools.repeat(plan.always)) for key, plan in self.plans.items()
        }

    def is_permanent(self, key: str) -> bool:
        return self.plans.get(key, FINE).always is not None

    def attempt(self, key: str, effect: Callable[[], Any]) -> Any:
        fault = None if self.are_over or key not in self._next else next(self._next[key])
        if fault is not None and not fault.has_effect:
            raise fault.error
        result = effect()
        self.effects[key] += 1
        if fault is not None:
            raise fault.error
        self.done[key] += 1
        return result


def handler(module: ModuleType, **services: Any) -> Callable[[dict[str, Any]], Any]:
    """A module's handler with the given services."""

    def call(event: dict[str, Any]) -> Any:
        with mock.patch.multiple(
            module, **{name: lambda service=service: service for name, service in services.items()}
        ):
            return module.handler(event, CONTEXT)

    return call


class FaultyStore(FakeStore):
    """A store with faults in its writes and a stream of its changes."""

    def __init__(self, faults: Faults, *orders: Order) -> None:
        super().__init__(*orders)
        self._faults = faults
        self.stream: list[Record] = []
        self.writes_of: Counter[str] = Counter()

    def insert(self, order: Order, limit: int = 0) -> Order | None:
        return self._faults.attempt(order.correlation_id, lambda: super(FaultyStore, self).insert(order, limit))

    def update(self, customer, id, changes, when, match=None) -> Order:
        key = changes["_correlationId"]
        return self._faults.attempt(key, lambda: super(FaultyStore, self).update(customer, id, changes, when, match))

    def _put(self, order: Order) -> Order:
        old = self._orders.get((order.customer, order.id))
        name = "INSERT" if old is None else "MODIFY"
        self.stream.append(stream_record(name, old, order, str(len(self.stream) + 1)))
        self.writes_of[order.id] += 1
        return super()._put(order)


class FaultyQueue:
    """The kitchen's queue, with faults in its sends."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.sent: list[OrderPlaced] = []

    def send(self, placed: OrderPlaced) -> None:
        self._faults.attempt(placed.correlation_id, lambda: self.sent.append(placed))


class FaultyTopic:
    """An SNS client that records the documents, with faults in its publishes."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.published: list[dict[str, Any]] = []

    def publish(self, **call: Any) -> None:
        document = json.loads(json.loads(call["Message"])["default"])
        self._faults.attempt(document["correlationId"], lambda: self.published.append(document))


class IdempotencyTable:
    """The table of idempotency records, as Powertools uses it, with a fake clock. A record in progress is valid until
    the expiration in its request."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._items: dict[str, dict[str, Any]] = {}
        self._expires_at: dict[str, int] = {}

    def put_item(self, **request: Any) -> None:
        key = request["Item"]["id"]["S"]
        present = self._items.get(key)
        if present and (present["status"]["S"] != "INPROGRESS" or self._expires_at[key] >= self._clock.now):
            code = {"Code": "ConditionalCheckFailedException"}
            raise ClientError({"Error": code, "Item": present}, "PutItem")
        until = int(request["Item"]["in_progress_expiration"]["N"])
        self._items[key] = request["Item"]
        self._expires_at[key] = (
            self._clock.now + until - int(request["ExpressionAttributeValues"][":now_in_millis"]["N"])
        )

    def update_item(self, **request: Any) -> None:
        self._items[request["Key"]["id"]["S"]]["status"] = request["ExpressionAttributeValues"][":status"]

    def delete_item(self, **request: Any) -> None:
        del self._items[request["Key"]["id"]["S"]]
