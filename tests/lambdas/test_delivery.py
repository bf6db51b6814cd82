"""What becomes of records when they get into trouble on their way, whatever trouble that is: the functions between the
intake queue and the topic, between pollers that hand them records as Lambda's do.

Trouble is named by the id of the record that gets into it, which travels along as the correlation id.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lambdas import accept_order, create_queued_order, publish_changes
from lambdas.orders.events import OrderPlaced
from lambdas.orders.models import Item, Order, Status
from lambdas.orders.notifications import Notifications
from lambdas.orders.service import Orders
from tests.lambdas.builders import NOON, RETENTION_DAYS, an_order, sqs_record, stream_record
from tests.lambdas.fakes import FakeClock, FakeContext, FakeStore
from tests.lambdas.poller import (
    Discarded,
    QueuePoller,
    Record,
    StreamPoller,
    StreamSettings,
    WorkerDied,
    failed_items,
    sequence_number,
)

ESPRESSO = {"items": [{"name": "Espresso", "qty": 1}]}
CONTEXT = FakeContext(remaining_ms=900_000)
"""A call may take a quarter of an hour: what one leaves behind must not have to wait for that."""

TTL = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}}


class Fault(Enum):
    """How one attempt goes wrong."""

    BEFORE = auto()
    """An error, and nothing has happened."""
    AFTER = auto()
    """An error, though it has happened: the answer was lost."""
    DEATH_BEFORE = auto()
    """The end of the worker, and of the whole call with it."""
    DEATH_AFTER = auto()

    @property
    def has_effect(self) -> bool:
        return self in (Fault.AFTER, Fault.DEATH_AFTER)

    @property
    def error(self) -> BaseException:
        return ConnectionError("trouble") if self in (Fault.BEFORE, Fault.AFTER) else WorkerDied()


class Plan(NamedTuple):
    """How the attempts at one record go wrong: each of the first ones so, and all that follow not, or in one way."""

    first: tuple[Fault, ...] = ()
    ever: Fault | None = None


FINE = Plan()
ERRORS = st.sampled_from([Fault.BEFORE, Fault.AFTER])
FAULTS = st.sampled_from(Fault)


def plans(faults: st.SearchStrategy[Fault] = FAULTS) -> st.SearchStrategy[Plan]:
    """No more trouble than retries can mend, or no end of it. As no trouble as often as any."""
    passing = st.lists(faults, min_size=1, max_size=3).map(lambda first: Plan(tuple(first)))
    lasting = st.builds(Plan, st.just(()), faults)
    return st.one_of(st.just(FINE), st.just(FINE), passing, lasting)


@dataclass
class Trouble:
    """Carries out what it is given, with the trouble that is planned, and counts what came of it."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    """How often a record's attempt has gone well."""
    effects: Counter[str] = field(default_factory=Counter)
    """How often it had its effect, gone well or not."""
    is_over: bool = False

    def __post_init__(self) -> None:
        self._next = {key: itertools.chain(plan.first, itertools.repeat(plan.ever)) for key, plan in self.plans.items()}

    def lasts(self, key: str) -> bool:
        return self.plans.get(key, FINE).ever is not None

    def attempt(self, key: str, effect: Callable[[], Any]) -> Any:
        fault = None if self.is_over or key not in self._next else next(self._next[key])
        if fault is not None and not fault.has_effect:
            raise fault.error
        result = effect()
        self.effects[key] += 1
        if fault is not None:
            raise fault.error
        self.done[key] += 1
        return result


def handler(module: ModuleType, **services: Any) -> Callable[[dict[str, Any]], Any]:
    """A module's handler, over these services."""

    def call(event: dict[str, Any]) -> Any:
        with mock.patch.multiple(module, **{name: lambda made=made: made for name, made in services.items()}):
            return module.handler(event, CONTEXT)

    return call


class TroubledStore(FakeStore):
    """A store whose writes get into trouble, and that has a stream of them."""

    def __init__(self, trouble: Trouble, *orders: Order) -> None:
        super().__init__(*orders)
        self._trouble = trouble
        self.stream: list[Record] = []
        self.writes_of: Counter[str] = Counter()

    def insert(self, order: Order) -> Order | None:
        return self._trouble.attempt(order.correlation_id, lambda: super(TroubledStore, self).insert(order))

    def update(self, customer, id, changes, when, match=None) -> Order:
        key = changes["_correlationId"]
        return self._trouble.attempt(key, lambda: super(TroubledStore, self).update(customer, id, changes, when, match))

    def _put(self, order: Order) -> Order:
        old = self._orders.get((order.customer, order.id))
        name = "INSERT" if old is None else "MODIFY"
        self.stream.append(stream_record(name, old, order, str(len(self.stream) + 1)))
        self.writes_of[order.id] += 1
        return super()._put(order)


class TroubledQueue:
    """The kitchen's queue."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.sent: list[OrderPlaced] = []

    def send(self, placed: OrderPlaced) -> None:
        self._trouble.attempt(placed.correlation_id, lambda: self.sent.append(placed))


class TroubledTopic:
    """The customers' topic, as its client: remembers the documents."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.published: list[dict[str, Any]] = []

    def publish(self, **call: Any) -> None:
        document = json.loads(json.loads(call["Message"])["default"])
        self._trouble.attempt(document["correlationId"], lambda: self.published.append(document))


class Notes:
    """The table of what was told, as Powertools uses it, with a clock that no test has to wait for: a note of what is
    in progress holds for as long as the request for it says."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._items: dict[str, dict[str, Any]] = {}
        self._over_at: dict[str, int] = {}

    def put_item(self, **request: Any) -> None:
        key = request["Item"]["id"]["S"]
        present = self._items.get(key)
        if present and (present["status"]["S"] != "INPROGRESS" or self._over_at[key] >= self._clock.now):
            code = {"Code": "ConditionalCheckFailedException"}
            raise ClientError({"Error": code, "Item": present}, "PutItem")
        until = int(request["Item"]["in_progress_expiration"]["N"])
        self._items[key] = request["Item"]
        self._over_at[key] = self._clock.now + until - int(request["ExpressionAttributeValues"][":now_in_millis"]["N"])

    def update_item(self, **request: Any) -> None:
        self._items[request["Key"]["id"]["S"]]["status"] = request["ExpressionAttributeValues"][":status"]

    def delete_item(self, **request: Any) -> None:
        del self._items[request["Key"]["id"]["S"]]


class StreamWorld:
    """The stream's function between a stream and the queue and the topic."""

    def __init__(self, trouble: Trouble, settings: StreamSettings | None = None) -> None:
        self.trouble = trouble
        self.clock = FakeClock()
        self.queue, self.topic = TroubledQueue(trouble), TroubledTopic(trouble)
        notifications = Notifications("topic", "notes", self.topic, Notes(self.clock))
        self._publish = handler(publish_changes, orders_queue=self.queue, notifications=notifications)
        self._poller = StreamPoller(self._function, self.clock, settings)
        self.acknowledged_untold: list[Record] = []
        """What an answer gave out as done, and was not."""
        self.kept_waiting: list[Record] = []
        """What a call that came to its end has not told, though neither it nor its item had any trouble."""

    def _function(self, event: dict[str, Any]) -> Any:
        answer = self._publish(event)
        identifiers = [sequence_number(record) for record in event["Records"]]
        failed = failed_items(answer, identifiers)
        done = event["Records"][: identifiers.index(failed[0]) if failed else None]
        self.acknowledged_untold += [
            record for record in done if tells(record) and not self.trouble.done[correlation_id(record)]
        ]
        self.kept_waiting += [
            record
            for record in event["Records"]
            if tells(record)
            and not self.trouble.done[correlation_id(record)]
            and all(self.trouble.plans.get(key, FINE) == FINE for key in line(event["Records"], record))
        ]
        return answer

    def deliver(self, records: list[Record]) -> list[Discarded]:
        self._poller.deliver(records)
        return self._poller.discarded


def tells(record: Record) -> bool:
    """Whether somebody has to hear of a change."""
    images = record["dynamodb"]
    return "NewImage" in images and images["NewImage"]["status"] != images.get("OldImage", {}).get("status")


def correlation_id(record: Record) -> str:
    """What a change that somebody has to hear of is known by."""
    return record["dynamodb"]["NewImage"]["_correlationId"]["S"]


def line(records: Sequence[Record], record: Record) -> list[str]:
    """What of these is told of a record's item, up to the record: each waits for those before it."""
    upto = records[: records.index(record) + 1]
    item = record["dynamodb"]["Keys"]
    return [correlation_id(earlier) for earlier in upto if tells(earlier) and earlier["dynamodb"]["Keys"] == item]


def held(records: Sequence[Record], position: Discarded) -> list[Record]:
    """What was given up at once."""
    return [record for record in records if position.holds(sequence_number(record))]


def can_be_told(trouble: Trouble, records: Sequence[Record], record: Record) -> bool:
    """Whether retries can mend all the trouble in a record's line. As each waits for those before it, their trouble
    adds up; that of other items does not."""
    plans = [trouble.plans.get(key, FINE) for key in line(records, record)]
    faults = sum(len(plan.first) for plan in plans)
    return not any(plan.ever for plan in plans) and faults <= StreamSettings().max_retries


NEXT = dict(itertools.pairwise([Status.CREATED, Status.ACCEPTED, Status.READY, Status.FILLED]))


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """A shard's records: what becomes of some orders, which are placed, edited, moved along, and removed."""
    orders: dict[str, Order] = {}
    records = []
    steps = st.tuples(st.sampled_from(["ann-1", "ann-2", "bob-1"]), st.sampled_from(["move", "move", "edit"]))
    for n, (name, step) in enumerate(draw(st.lists(steps, min_size=1, max_size=14))):
        # As in a stream, numbers grow, and not by one.
        sequence, old = str(95 + 3 * n), orders.pop(name, None)
        written = {"updated_at": NOON + n, "correlation_id": sequence}
        if old is None:
            new = an_order(name, name[:3], **written)
        elif step == "edit":
            new = an_order(name, name[:3], status=old.status, items=[Item("Espresso", n + 2)], **written)
        elif old.status in NEXT:
            new = an_order(name, name[:3], status=NEXT[old.status], **written)
        else:
            records.append({**stream_record("REMOVE", old, None, sequence), **TTL})
            continue
        orders[name] = new
        records.append(stream_record("MODIFY" if old else "INSERT", old, new, sequence))
    return records


@st.composite
def troubled_histories(draw: st.DrawFn) -> tuple[list[Record], Trouble]:
    records = draw(histories())
    trouble = {sequence_number(record): draw(plans()) for record in records if tells(record)}
    return records, Trouble(trouble)


SETTINGS = st.builds(
    StreamSettings,
    batch_size=st.integers(1, 10),
    # What AWS leaves open: it holds either way.
    split_renews_retries=st.booleans(),
    halves_at_first=st.booleans(),
)


class TestChanges:
    """From the table's stream to the kitchen's queue and the customers' topic."""

    @given(troubled_histories(), SETTINGS)
    def test_none_is_lost(self, history, settings):
        records, trouble = history

        discarded = StreamWorld(trouble, settings).deliver(records)

        for record in filter(tells, records):
            sequence = sequence_number(record)
            assert trouble.done[sequence] or any(position.holds(sequence) for position in discarded)
            assert trouble.done[sequence] or not can_be_told(trouble, records, record)
            assert not (trouble.done[sequence] and trouble.lasts(sequence))

    @given(troubled_histories(), SETTINGS)
    def test_none_is_acknowledged_that_was_not_told(self, history, settings):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)

        assert world.acknowledged_untold == []

    @given(troubled_histories(), SETTINGS)
    def test_what_is_given_up_begins_with_what_cannot_be_told_and_the_rest_of_it_was_told(self, history, settings):
        records, trouble = history

        discarded = StreamWorld(trouble, settings).deliver(records)

        for position in discarded:
            given_up = held(records, position)
            assert not can_be_told(trouble, records, given_up[0])
            for record in filter(tells, given_up):
                # Behind trouble in another batch nobody waits: that batch is over.
                assert trouble.done[sequence_number(record)] or not can_be_told(trouble, given_up, record)

    @given(troubled_histories(), SETTINGS)
    def test_a_change_of_status_that_was_told_is_never_told_again(self, history, settings):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)
        trouble.is_over = True
        world.deliver(records)

        # What remains: who tells, and does not learn that it has told, tells again.
        uncertain = {key: sum(fault.has_effect for fault in plan.first) for key, plan in trouble.plans.items()}
        told = Counter(document["correlationId"] for document in world.topic.published)
        for record in filter(tells, records):
            sequence = sequence_number(record)
            if sequence not in told:
                continue
            assert trouble.done[sequence] == 1
            assert trouble.lasts(sequence) or told[sequence] <= 1 + uncertain[sequence]
            if can_be_told(trouble, records, record):
                assert told[sequence] == 1 + uncertain[sequence]

    @given(troubled_histories(), SETTINGS)
    def test_a_customer_hears_of_an_order_in_the_order_of_its_changes(self, history, settings):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)

        # Whatever the trouble: also what is told twice, or told and given up, comes before what followed.
        heard: dict[tuple[str, str], list[int]] = {}
        for document in world.topic.published:
            heard.setdefault((document["customer"], document["id"]), []).append(int(document["correlationId"]))
        assert all(sequences == sorted(sequences) for sequences in heard.values())

    @given(troubled_histories(), SETTINGS)
    def test_the_kitchen_first_hears_of_orders_of_one_id_in_the_order_in_which_they_were_placed(
        self, history, settings
    ):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)

        first: dict[tuple[str, str], list[int]] = {}
        for sent in {sent.correlation_id: sent for sent in world.queue.sent}.values():
            first.setdefault((sent.customer, sent.id), []).append(int(sent.correlation_id))
        assert all(sequences == sorted(sequences) for sequences in first.values())

    @given(troubled_histories(), SETTINGS)
    def test_orders_without_trouble_are_told_of_in_the_order_of_the_stream(self, history, settings):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)

        fine = [
            sequence_number(record)
            for record in filter(tells, records)
            if all(trouble.plans[key] == FINE for key in line(records, record))
        ]
        placed = dict.fromkeys(sent.correlation_id for sent in world.queue.sent)
        told = dict.fromkeys(document["correlationId"] for document in world.topic.published)
        for heard in (placed, told):
            assert [key for key in heard if key in fine] == [key for key in fine if key in heard]

    @given(troubled_histories(), SETTINGS)
    def test_one_that_fails_keeps_no_other_order_waiting(self, history, settings):
        records, trouble = history
        world = StreamWorld(trouble, settings)

        world.deliver(records)

        assert world.kept_waiting == []

    @given(histories(), SETTINGS)
    def test_each_is_told_once_where_there_is_no_trouble(self, records, settings):
        world = StreamWorld(Trouble(), settings)

        assert world.deliver(records) == []
        assert world.trouble.effects == {sequence_number(record): 1 for record in records if tells(record)}

    def test_one_that_can_never_be_told_is_given_up_with_the_rest_of_its_batch_which_was_told(self):
        records = [
            stream_record("INSERT", new=an_order(str(n), correlation_id=str(n)), sequence=str(n)) for n in range(1, 6)
        ]
        world = StreamWorld(Trouble({"2": Plan(ever=Fault.BEFORE)}))

        [position] = world.deliver(records)

        assert (position.start, position.end, position.size) == ("2", "5", 4)
        assert {sent.id for sent in world.queue.sent} == {"1", "3", "4", "5"}

    def test_the_death_of_a_worker_costs_a_few_retries_and_nothing_is_given_up(self):
        # The note of the dead attempt would be in the way until the end of a call's time, if it held that long.
        records = history_of_one()
        for sequence, death in itertools.product(["1", "2", "3"], [Fault.DEATH_BEFORE, Fault.DEATH_AFTER]):
            trouble = Trouble({sequence: Plan((death,))})
            world = StreamWorld(trouble, StreamSettings(retry_seconds=2))

            assert world.deliver(records) == []
            told = Counter(document["correlationId"] for document in world.topic.published)
            assert {sent.id for sent in world.queue.sent} == {"7"}
            # Who dies after it has told, and before it has taken note, tells again.
            twice = death.has_effect and sequence in told
            assert told == {"2": 1, "3": 1, **({sequence: 2} if twice else {})}

    def test_a_retry_within_the_second_after_a_death_fails_and_a_later_one_tells(self):
        [_, accepted, _] = history_of_one()
        trouble = Trouble({"2": Plan((Fault.DEATH_BEFORE,))})
        world = StreamWorld(trouble, StreamSettings(retry_seconds=0))
        calls = []
        world.clock.pass_ms = lambda _: calls.append(trouble.done["2"])

        # No time passes: the note stays in the way until the retries are used up.
        [position] = world.deliver([accepted])
        assert (position.condition, position.size, set(calls)) == ("RetryAttemptsExhausted", 1, {0})

        FakeClock.pass_ms(world.clock, 1100)
        world.deliver([accepted])
        assert trouble.effects == {"2": 1}

    def test_ready_is_not_told_before_accepted_which_fails_at_first_and_neighbours_do_not_wait(self):
        records = history_of_one()
        neighbour = stream_record("INSERT", new=an_order("8", "bob", correlation_id="4"), sequence="4")
        trouble = Trouble({"2": Plan((Fault.BEFORE, Fault.AFTER, Fault.BEFORE))})
        world = StreamWorld(trouble)
        heard = []
        world.clock.pass_ms = lambda _: heard.append((len(world.topic.published), len(world.queue.sent)))

        assert world.deliver([*records, neighbour]) == []

        assert [document["status"] for document in world.topic.published] == ["accepted", "accepted", "ready"]
        # After the first call already the kitchen knows of both orders.
        assert heard[0] == (0, 2)


def history_of_one() -> list[Record]:
    """An order is placed, accepted and made."""
    written = [
        an_order("7", status=status, updated_at=NOON + n, correlation_id=str(n))
        for n, status in enumerate([Status.CREATED, Status.ACCEPTED, Status.READY], 1)
    ]
    changes = itertools.pairwise([None, *written])
    return [stream_record("MODIFY" if old else "INSERT", old, new, str(n)) for n, (old, new) in enumerate(changes, 1)]


@st.composite
def messages(draw: st.DrawFn, faults: st.SearchStrategy[Fault] = FAULTS) -> Trouble:
    """Up to six messages, each about an order of its own, with the trouble that they get into."""
    return Trouble({f"o{n}": draw(plans(faults)) for n in range(draw(st.integers(1, 6)))})


def placed(id: str, copy: int = 0) -> Record:
    """A message in the kitchen's queue."""
    return sqs_record({"customer": "ann", "id": id, "correlationId": id}, f"{id}-{copy}")


def queued(id: str, number: str | None = None) -> Record:
    """A message in the intake queue: the first one, or one that an operator has sent back under another number."""
    return sqs_record(ESPRESSO, id, "ann") if number is None else sqs_record(ESPRESSO, number, "ann", orderId=id)


class Kitchen:
    """The orders queue and its function, in batches as the pipeline's are."""

    def __init__(self, store: FakeStore, clock: FakeClock) -> None:
        function = handler(accept_order, orders=Orders(store, RETENTION_DAYS, clock))
        self._poller = QueuePoller(function, batch_size=2)

    def accept(self, *messages: Record) -> None:
        self._poller.send(*messages)
        self._poller.drain()

    @property
    def dead(self) -> set[str]:
        """The orders whose messages are dead letters."""
        return {json.loads(message["body"])["id"] for message in self._poller.dead_letters}


class Intake:
    """The intake queue and its function."""

    def __init__(self, store: FakeStore, clock: FakeClock) -> None:
        function = handler(create_queued_order, orders=Orders(store, RETENTION_DAYS, clock))
        self._poller = QueuePoller(function)

    def create(self, *messages: Record) -> None:
        self._poller.send(*messages)
        self._poller.drain()

    @property
    def dead(self) -> set[str]:
        """The dead letters' ids, which are those that the orders were to have."""
        return {message["messageId"] for message in self._poller.dead_letters}


class TestNewOrders:
    """From the kitchen's queue to acceptance."""

    def accept(self, trouble: Trouble, copies: int = 1) -> tuple[TroubledStore, set[str]]:
        """What has become of the orders, and which have a dead letter."""
        store = TroubledStore(trouble, *map(an_order, trouble.plans))
        kitchen = Kitchen(store, FakeClock())
        kitchen.accept(*(placed(order, copy) for copy in range(copies) for order in trouble.plans))
        return store, kitchen.dead

    @given(messages())
    def test_none_is_lost(self, trouble):
        store, dead = self.accept(trouble)

        assert all(order.status is Status.ACCEPTED or order.id in dead for order in store.all())

    @given(messages(), st.integers(1, 3))
    def test_each_is_accepted_once_however_many_messages_there_are(self, trouble, copies):
        store, _ = self.accept(trouble, copies)

        assert set(store.writes_of.values()) <= {1}

    @given(messages(ERRORS))
    def test_one_that_fails_takes_no_other_with_it(self, trouble):
        store, dead = self.accept(trouble)

        assert all(map(trouble.lasts, dead))
        assert all(order.status is Status.ACCEPTED for order in store.all() if not trouble.lasts(order.id))


class TestQueuedOrders:
    """From the intake queue to the table."""

    def create(self, trouble: Trouble) -> tuple[TroubledStore, Intake]:
        store = TroubledStore(trouble)
        intake = Intake(store, FakeClock())
        intake.create(*map(queued, trouble.plans))
        return store, intake

    @given(messages())
    def test_each_message_is_one_order_or_a_dead_letter(self, trouble):
        store, intake = self.create(trouble)

        assert set(store.writes_of.values()) <= {1}
        assert {order.id for order in store.all()} | intake.dead == set(trouble.plans)

    @given(messages(ERRORS))
    def test_one_that_fails_takes_no_other_with_it(self, trouble):
        store, intake = self.create(trouble)

        assert intake.dead == set(filter(trouble.lasts, trouble.plans))
        assert {order.id for order in store.all()} >= set(itertools.filterfalse(trouble.lasts, trouble.plans))

    @given(messages())
    def test_each_is_one_order_once_the_dead_letters_were_sent_back(self, trouble):
        store, intake = self.create(trouble)
        trouble.is_over = True

        intake.create(*(queued(letter, f"{letter}-again") for letter in intake.dead))

        assert store.writes_of == dict.fromkeys(trouble.plans, 1)


class TestAll:
    """From the intake queue to the topic."""

    IDS = ("o0", "o1", "o2")
    PLANS = st.fixed_dictionaries({order: plans() for order in IDS})

    def serve(self, writing: Trouble, telling: Trouble) -> tuple[set[str], set[str]]:
        """Place the orders and let everything take its course: which the customers were told that they are accepted,
        and which an operator finds among the dead letters and the failures of the stream."""
        store, world = TroubledStore(writing), StreamWorld(telling)
        intake, kitchen = Intake(store, world.clock), Kitchen(store, world.clock)

        intake.create(*map(queued, self.IDS))
        world.deliver(list(store.stream))
        before = len(store.stream)
        kitchen.accept(*(placed(sent.id, n) for n, sent in enumerate(world.queue.sent)))
        discarded = world.deliver(store.stream[before:])

        failed = {
            correlation_id(record)
            for record in store.stream
            if any(position.holds(sequence_number(record)) for position in discarded)
        }
        return {document["id"] for document in world.topic.published}, intake.dead | kitchen.dead | failed

    @given(PLANS, PLANS)
    def test_every_order_is_accepted_and_told_or_is_where_an_operator_finds_it(self, writing, telling):
        told, found = self.serve(Trouble(writing), Trouble(telling))

        assert told | found == set(self.IDS)

    def test_every_order_is_accepted_and_told_where_there_is_no_trouble(self):
        assert self.serve(Trouble(), Trouble()) == (set(self.IDS), set())
