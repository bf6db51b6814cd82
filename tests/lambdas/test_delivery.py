"""Delivery of records under faults: the functions from the intake queue to the topic, called by models of Lambda's
pollers.

Faults are planned by the ID of the record, which is passed on as the correlation ID.
"""

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lambdas import accept_order, create_queued_order, publish_changes
from lambdas.cafe.offer import Offer
from lambdas.orders.models import Item, Order, Status
from lambdas.orders.notifications import Notifications
from lambdas.orders.pricing import Pricing
from lambdas.orders.service import Orders
from tests.lambdas.builders import NOON, RETENTION_DAYS, an_order, sqs_record, stream_record
from tests.lambdas.delivery_faults import (
    ERRORS,
    FAULTS,
    FINE,
    Fault,
    Faults,
    FaultyQueue,
    FaultyStore,
    FaultyTopic,
    IdempotencyTable,
    Plan,
    handler,
    plans,
)
from tests.lambdas.fakes import FakeClock, FakeProgress, FakeStore
from tests.lambdas.poller import (
    Discarded,
    QueuePoller,
    Record,
    StreamPoller,
    StreamSettings,
    failed_items,
    sequence_number,
)

ESPRESSO = {"items": [{"name": "Espresso", "qty": 1}]}
TTL = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}}


class StreamWorld:
    """The stream's function with a fake stream, queue and topic."""

    def __init__(self, faults: Faults, settings: StreamSettings | None = None) -> None:
        self.faults = faults
        self.clock = FakeClock()
        self.queue, self.topic = FaultyQueue(faults), FaultyTopic(faults)
        notifications = Notifications("topic", "notes", self.topic, IdempotencyTable(self.clock))
        self._publish = handler(
            publish_changes, orders_queue=self.queue, notifications=notifications, progress=FakeProgress()
        )
        self._poller = StreamPoller(self._function, self.clock, settings)
        self.acknowledged_unpublished: list[Record] = []
        """Records that a response acknowledged, but that were not published."""
        self.delayed: list[Record] = []
        """Records without faults in their line that a completed call did not publish."""

    def _function(self, event: dict[str, Any]) -> Any:
        answer = self._publish(event)
        identifiers = [sequence_number(record) for record in event["Records"]]
        failed = failed_items(answer, identifiers)
        done = event["Records"][: identifiers.index(failed[0]) if failed else None]
        self.acknowledged_unpublished += [
            record for record in done if is_relevant(record) and not self.faults.done[correlation_id(record)]
        ]
        self.delayed += [
            record
            for record in event["Records"]
            if is_relevant(record)
            and not self.faults.done[correlation_id(record)]
            and all(self.faults.plans.get(key, FINE) == FINE for key in line(event["Records"], record))
        ]
        return answer

    def deliver(self, records: list[Record]) -> list[Discarded]:
        self._poller.deliver(records)
        return self._poller.discarded


def is_relevant(record: Record) -> bool:
    """Whether the kitchen or a customer must be notified of a change."""
    images = record["dynamodb"]
    return "NewImage" in images and images["NewImage"]["status"] != images.get("OldImage", {}).get("status")


def correlation_id(record: Record) -> str:
    """The correlation ID of a change."""
    return record["dynamodb"]["NewImage"]["_correlationId"]["S"]


def line(records: Sequence[Record], record: Record) -> list[str]:
    """The relevant changes of a record's item up to the record. Each waits for those before it."""
    upto = records[: records.index(record) + 1]
    item = record["dynamodb"]["Keys"]
    return [correlation_id(earlier) for earlier in upto if is_relevant(earlier) and earlier["dynamodb"]["Keys"] == item]


def records_in(records: Sequence[Record], position: Discarded) -> list[Record]:
    """The records that were discarded together."""
    return [record for record in records if position.contains(sequence_number(record))]


def can_be_published(faults: Faults, records: Sequence[Record], record: Record) -> bool:
    """Whether retries overcome all faults in a record's line. The faults of a line add up, because each change waits
    for those before it."""
    plans = [faults.plans.get(key, FINE) for key in line(records, record)]
    fault_count = sum(len(plan.first) for plan in plans)
    return not any(plan.always for plan in plans) and fault_count <= StreamSettings().max_retries


NEXT = dict(itertools.pairwise([Status.CREATED, Status.ACCEPTED, Status.READY, Status.FILLED]))


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """A shard's records: orders are placed, edited, moved and removed."""
    orders: dict[str, Order] = {}
    records = []
    steps = st.tuples(st.sampled_from(["ann-1", "ann-2", "bob-1"]), st.sampled_from(["move", "move", "edit"]))
    for n, (name, step) in enumerate(draw(st.lists(steps, min_size=1, max_size=14))):
        # As in a stream, sequence numbers increase, but not by one.
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
def faulty_histories(draw: st.DrawFn) -> tuple[list[Record], Faults]:
    records = draw(histories())
    faults = {sequence_number(record): draw(plans()) for record in records if is_relevant(record)}
    return records, Faults(faults)


SETTINGS = st.builds(
    StreamSettings,
    batch_size=st.integers(1, 10),
    # AWS does not specify these; the tests must pass with both values.
    split_renews_retries=st.booleans(),
    halve_at_first=st.booleans(),
)


class TestChanges:
    """From the table's stream to the kitchen's queue and the customers' topic."""

    @given(faulty_histories(), SETTINGS)
    def test_no_record_is_lost(self, history, settings):
        records, faults = history

        discarded = StreamWorld(faults, settings).deliver(records)

        for record in filter(is_relevant, records):
            sequence = sequence_number(record)
            assert faults.done[sequence] or any(position.contains(sequence) for position in discarded)
            assert faults.done[sequence] or not can_be_published(faults, records, record)
            assert not (faults.done[sequence] and faults.is_permanent(sequence))

    @given(faulty_histories(), SETTINGS)
    def test_unpublished_changes_are_not_acknowledged(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)

        assert world.acknowledged_unpublished == []

    @given(faulty_histories(), SETTINGS)
    def test_discarded_batches_start_with_a_permanent_failure_and_the_rest_is_published(self, history, settings):
        records, faults = history

        discarded = StreamWorld(faults, settings).deliver(records)

        for position in discarded:
            in_batch = records_in(records, position)
            assert not can_be_published(faults, records, in_batch[0])
            for record in filter(is_relevant, in_batch):
                # Records do not wait for failures in another batch, which is done.
                assert faults.done[sequence_number(record)] or not can_be_published(faults, in_batch, record)

    @given(faulty_histories(), SETTINGS)
    def test_a_published_status_change_is_not_published_again(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)
        faults.are_over = True
        world.deliver(records)

        # The exception: if the response to a publish is lost, the change is published again.
        uncertain = {key: sum(fault.has_effect for fault in plan.first) for key, plan in faults.plans.items()}
        published = Counter(document["correlationId"] for document in world.topic.published)
        for record in filter(is_relevant, records):
            sequence = sequence_number(record)
            if sequence not in published:
                continue
            assert faults.done[sequence] == 1
            assert faults.is_permanent(sequence) or published[sequence] <= 1 + uncertain[sequence]
            if can_be_published(faults, records, record):
                assert published[sequence] == 1 + uncertain[sequence]

    @given(faulty_histories(), SETTINGS)
    def test_customers_are_notified_of_an_orders_changes_in_order(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)

        # Repeated and discarded changes also precede later ones.
        received: dict[tuple[str, str], list[int]] = {}
        for document in world.topic.published:
            received.setdefault((document["customer"], document["id"]), []).append(int(document["correlationId"]))
        assert all(sequences == sorted(sequences) for sequences in received.values())

    @given(faulty_histories(), SETTINGS)
    def test_the_kitchen_first_gets_orders_with_the_same_id_in_order(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)

        first: dict[tuple[str, str], list[int]] = {}
        for sent in {sent.correlation_id: sent for sent in world.queue.sent}.values():
            first.setdefault((sent.customer, sent.id), []).append(int(sent.correlation_id))
        assert all(sequences == sorted(sequences) for sequences in first.values())

    @given(faulty_histories(), SETTINGS)
    def test_orders_without_faults_are_published_in_the_order_of_the_stream(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)

        fine = [
            sequence_number(record)
            for record in filter(is_relevant, records)
            if all(faults.plans[key] == FINE for key in line(records, record))
        ]
        placed = dict.fromkeys(sent.correlation_id for sent in world.queue.sent)
        published = dict.fromkeys(document["correlationId"] for document in world.topic.published)
        for received in (placed, published):
            assert [key for key in received if key in fine] == [key for key in fine if key in received]

    @given(faulty_histories(), SETTINGS)
    def test_a_failed_record_does_not_delay_other_orders(self, history, settings):
        records, faults = history
        world = StreamWorld(faults, settings)

        world.deliver(records)

        assert world.delayed == []

    @given(histories(), SETTINGS)
    def test_without_faults_each_change_is_published_once(self, records, settings):
        world = StreamWorld(Faults(), settings)

        assert world.deliver(records) == []
        assert world.faults.effects == {sequence_number(record): 1 for record in records if is_relevant(record)}

    def test_a_permanent_failure_is_discarded_with_the_published_rest_of_its_batch(self):
        records = [
            stream_record("INSERT", new=an_order(str(n), correlation_id=str(n)), sequence=str(n)) for n in range(1, 6)
        ]
        world = StreamWorld(Faults({"2": Plan(always=Fault.BEFORE)}))

        [position] = world.deliver(records)

        assert (position.start, position.end, position.size) == ("2", "5", 4)
        assert {sent.id for sent in world.queue.sent} == {"1", "3", "4", "5"}

    def test_after_a_workers_death_retries_succeed(self):
        # The idempotency record of a dead attempt must not block retries until the call's timeout.
        records = history_of_one()
        for sequence, death in itertools.product(["1", "2", "3"], [Fault.DEATH_BEFORE, Fault.DEATH_AFTER]):
            faults = Faults({sequence: Plan((death,))})
            world = StreamWorld(faults, StreamSettings(retry_seconds=2))

            assert world.deliver(records) == []
            published = Counter(document["correlationId"] for document in world.topic.published)
            assert {sent.id for sent in world.queue.sent} == {"7"}
            # After a death between publishing and completing the idempotency record, the change is published again.
            twice = death.has_effect and sequence in published
            assert published == {"2": 1, "3": 1, **({sequence: 2} if twice else {})}

    def test_a_retry_fails_within_a_second_after_a_death_and_succeeds_later(self):
        [_, accepted, _] = history_of_one()
        faults = Faults({"2": Plan((Fault.DEATH_BEFORE,))})
        world = StreamWorld(faults, StreamSettings(retry_seconds=0))
        calls = []
        world.clock.pass_ms = lambda _: calls.append(faults.done["2"])

        # No time passes, so the idempotency record blocks all retries.
        [position] = world.deliver([accepted])
        assert (position.condition, position.size, set(calls)) == ("RetryAttemptsExhausted", 1, {0})

        FakeClock.pass_ms(world.clock, 1100)
        world.deliver([accepted])
        assert faults.effects == {"2": 1}

    def test_ready_waits_for_accepted_and_other_orders_do_not(self):
        records = history_of_one()
        other = stream_record("INSERT", new=an_order("8", "bob", correlation_id="4"), sequence="4")
        faults = Faults({"2": Plan((Fault.BEFORE, Fault.AFTER, Fault.BEFORE))})
        world = StreamWorld(faults)
        received = []
        world.clock.pass_ms = lambda _: received.append((len(world.topic.published), len(world.queue.sent)))

        assert world.deliver([*records, other]) == []

        assert [document["status"] for document in world.topic.published] == ["accepted", "accepted", "ready"]
        # The kitchen gets both orders in the first call.
        assert received[0] == (0, 2)


def history_of_one() -> list[Record]:
    """The records of an order that is placed, accepted and ready."""
    written = [
        an_order("7", status=status, updated_at=NOON + n, correlation_id=str(n))
        for n, status in enumerate([Status.CREATED, Status.ACCEPTED, Status.READY], 1)
    ]
    changes = itertools.pairwise([None, *written])
    return [stream_record("MODIFY" if old else "INSERT", old, new, str(n)) for n, (old, new) in enumerate(changes, 1)]


@st.composite
def messages(draw: st.DrawFn, faults: st.SearchStrategy[Fault] = FAULTS) -> Faults:
    """The faults of up to six messages about different orders."""
    return Faults({f"o{n}": draw(plans(faults)) for n in range(draw(st.integers(1, 6)))})


def placed(id: str, copy: int = 0) -> Record:
    """A message in the kitchen's queue."""
    return sqs_record({"customer": "ann", "id": id, "correlationId": id}, f"{id}-{copy}")


def queued(id: str, number: str | None = None) -> Record:
    """A message in the intake queue: an original, or with `number` one that was redriven."""
    return sqs_record(ESPRESSO, id, "ann") if number is None else sqs_record(ESPRESSO, number, "ann", orderId=id)


class Kitchen:
    """The orders queue and its function, with the pipeline's batch size."""

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
        pricing = Pricing(lambda: Offer([]), "EUR", menu_only=False)
        orders = Orders(store, RETENTION_DAYS, clock, pricing=pricing)
        function = handler(create_queued_order, priced_orders=orders)
        self._poller = QueuePoller(function)

    def create(self, *messages: Record) -> None:
        self._poller.send(*messages)
        self._poller.drain()

    @property
    def dead(self) -> set[str]:
        """The IDs of the dead letters, which are the IDs of their orders."""
        return {message["messageId"] for message in self._poller.dead_letters}


class TestNewOrders:
    """From the kitchen's queue to acceptance."""

    def accept(self, faults: Faults, copies: int = 1) -> tuple[FaultyStore, set[str]]:
        """Deliver the messages. Returns the store and the IDs of the orders with dead letters."""
        store = FaultyStore(faults, *map(an_order, faults.plans))
        kitchen = Kitchen(store, FakeClock())
        kitchen.accept(*(placed(order, copy) for copy in range(copies) for order in faults.plans))
        return store, kitchen.dead

    @given(messages())
    def test_no_record_is_lost(self, faults):
        store, dead = self.accept(faults)

        assert all(order.status is Status.ACCEPTED or order.id in dead for order in store.all())

    @given(messages(), st.integers(1, 3))
    def test_each_order_is_accepted_once_for_any_number_of_messages(self, faults, copies):
        store, _ = self.accept(faults, copies)

        assert set(store.writes_of.values()) <= {1}

    @given(messages(ERRORS))
    def test_a_failed_message_does_not_affect_others(self, faults):
        store, dead = self.accept(faults)

        assert all(map(faults.is_permanent, dead))
        assert all(order.status is Status.ACCEPTED for order in store.all() if not faults.is_permanent(order.id))


class TestQueuedOrders:
    """From the intake queue to the table."""

    def create(self, faults: Faults) -> tuple[FaultyStore, Intake]:
        store = FaultyStore(faults)
        intake = Intake(store, FakeClock())
        intake.create(*map(queued, faults.plans))
        return store, intake

    @given(messages())
    def test_each_message_is_one_order_or_a_dead_letter(self, faults):
        store, intake = self.create(faults)

        assert set(store.writes_of.values()) <= {1}
        assert {order.id for order in store.all()} | intake.dead == set(faults.plans)

    @given(messages(ERRORS))
    def test_a_failed_message_does_not_affect_others(self, faults):
        store, intake = self.create(faults)

        # An order that was stored although each response was lost is found by the next delivery.
        assert intake.dead <= set(filter(faults.is_permanent, faults.plans))
        assert {order.id for order in store.all()} >= set(itertools.filterfalse(faults.is_permanent, faults.plans))

    @given(messages())
    def test_after_a_redrive_each_message_is_one_order(self, faults):
        store, intake = self.create(faults)
        faults.are_over = True

        intake.create(*(queued(letter, f"{letter}-again") for letter in intake.dead))

        assert store.writes_of == dict.fromkeys(faults.plans, 1)


class TestAll:
    """From the intake queue to the topic."""

    IDS = ("o0", "o1", "o2")
    PLANS = st.fixed_dictionaries({order: plans() for order in IDS})

    def serve(self, writes: Faults, publishes: Faults) -> tuple[set[str], set[str]]:
        """Place the orders and run the pipeline. Returns the orders whose acceptance was published, and those among the
        dead letters and the stream's failures."""
        store, world = FaultyStore(writes), StreamWorld(publishes)
        intake, kitchen = Intake(store, world.clock), Kitchen(store, world.clock)

        intake.create(*map(queued, self.IDS))
        world.deliver(list(store.stream))
        before = len(store.stream)
        kitchen.accept(*(placed(sent.id, n) for n, sent in enumerate(world.queue.sent)))
        discarded = world.deliver(store.stream[before:])

        failed = {
            correlation_id(record)
            for record in store.stream
            if any(position.contains(sequence_number(record)) for position in discarded)
        }
        return {document["id"] for document in world.topic.published}, intake.dead | kitchen.dead | failed

    @given(PLANS, PLANS)
    def test_every_order_is_accepted_and_published_or_in_a_failure_queue(self, writes, publishes):
        published, found = self.serve(Faults(writes), Faults(publishes))

        assert published | found == set(self.IDS)

    def test_without_faults_every_order_is_accepted_and_published(self):
        assert self.serve(Faults(), Faults()) == (set(self.IDS), set())
