import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from lambdas.orders.models import Item, Move, NewOrder, Replacement, Status
from lambdas.orders.service import Orders, new_id, now_ms
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import (
    ALLOWED_MOVES,
    ANN,
    ANN_WITH_DELETE,
    BOB,
    BOB_WITH_DELETE,
    EVERY_MOVE,
    NOON,
    RETENTION_DAYS,
    SAM,
    SAM_WITH_DELETE,
    an_order,
    an_order_placed,
    orders_of,
)
from tests.lambdas.fakes import FakeStore

ESPRESSO = [Item("Espresso", 1, price=0)]
MUFFINS = [Item("Muffin", 2, price=0)]
LATER = an_order("7", created_at=NOON + 1000, revision="later")
"""A later order with the same ID as an earlier one."""


def put(store, *orders):
    for order in orders:
        store.insert(order)
    store.writes = 0


class TestCreate:
    def test_creates_an_order_of_the_caller(self, orders, store, clock):
        order, is_new = orders.create(ANN, NewOrder(items=ESPRESSO, id="7", restaurant_id="r1"))

        assert is_new
        assert store.all() == [order]
        expected = an_order(
            "7",
            "ann",
            restaurant_id="r1",
            created_at=clock.now,
            updated_at=clock.now,
            expire_on=clock.now // 1000 + RETENTION_DAYS * 24 * 60 * 60,
        )
        assert order.public() == expected.public()

    def test_accepts_the_short_form(self, orders):
        order, _ = orders.create(ANN, NewOrder(name="Muffin", quantity=2))

        assert order.items == MUFFINS

    def test_ignores_server_fields(self, orders):
        body = NewOrder(items=ESPRESSO, id="7", status="filled", staff="ann", created_at=1, filled_at=2, expire_on=3)

        order, _ = orders.create(ANN, body)

        assert (order.status, order.staff, order.filled_at) == (Status.CREATED, UNSET, None)
        assert (order.created_at, order.expire_on > 3) == (NOON, True)

    def test_returns_the_stored_order_for_a_repeated_request(self, orders, store, clock):
        first, _ = orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))
        clock.pass_ms(5000)

        again, is_new = orders.create(ANN, NewOrder(name="Espresso", quantity=1, id="7"))

        assert (again, is_new) == (first, False)
        assert store.writes == 1

    def test_returns_an_order_that_has_moved_on_unchanged(self, orders, store):
        put(store, an_order("7", status=Status.READY))

        again, is_new = orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))

        assert (again.status, is_new) == (Status.READY, False)

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(NewOrder(items=MUFFINS, id="7"), id="other items"),
            pytest.param(NewOrder(items=ESPRESSO, id="7", restaurant_id="r1"), id="another restaurant"),
        ],
    )
    def test_refuses_the_same_id_with_different_content(self, orders, store, refused, body):
        put(store, an_order("7"))

        assert refused(orders.create, ANN, body) == "conflict"
        assert store.all() == [an_order("7")]

    def test_customers_can_use_the_same_order_id(self, orders, store):
        orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))

        _, is_new = orders.create(BOB, NewOrder(items=MUFFINS, id="7"))

        assert is_new
        assert len(store.all()) == 2

    def test_customers_can_name_themselves(self, orders):
        order, _ = orders.create(ANN, NewOrder(items=ESPRESSO, customer="ann"))

        assert order.customer == "ann"

    def test_refuses_an_order_for_another_customer(self, orders, store, refused):
        assert refused(orders.create, ANN, NewOrder(items=ESPRESSO, customer="bob")) == "forbidden"
        assert store.all() == []

    @pytest.mark.parametrize(("customer", "owner"), [("ann", "ann"), (UNSET, "sam")], ids=["named", "not named"])
    def test_staff_can_order_for_anyone(self, orders, customer, owner):
        order, _ = orders.create(SAM, NewOrder(items=ESPRESSO, customer=customer))

        assert order.customer == owner

    def test_prefers_the_servers_id(self, orders):
        order, _ = orders.create(ANN, NewOrder(items=ESPRESSO, id="mine"), id="message-1")

        assert order.id == "message-1"

    def test_generates_an_id_for_an_order_without_one(self, orders):
        ids = {orders.create(ANN, NewOrder(items=ESPRESSO))[0].id for _ in range(20)}

        assert len(ids) == 20
        assert all(re.fullmatch("[A-Za-z0-9._-]{1,64}", generated) for generated in ids)


class TestGet:
    @pytest.mark.parametrize("caller", [ANN, SAM], ids=["own", "staff"])
    def test_returns_the_order(self, orders, store, caller):
        put(store, an_order("7"))

        assert orders.get(caller, "ann", "7") == an_order("7")

    def test_refuses_another_customers_orders(self, orders, store, refused):
        put(store, an_order("7", "bob"))

        assert refused(orders.get, ANN, "bob", "7") == "forbidden"

    def test_does_not_reveal_whether_another_customers_order_exists(self, orders, store):
        put(store, an_order("7", "bob"))

        answers = []
        for id_ in ("7", "8"):
            with pytest.raises(Refusal) as refusal:
                orders.get(ANN, "bob", id_)
            answers.append((refusal.value.reason, refusal.value.detail, refusal.value.errors, refusal.value.extra))

        assert answers[0] == answers[1]

    @pytest.mark.parametrize("caller", [ANN, SAM], ids=["own", "staff"])
    def test_a_missing_order_is_not_found(self, orders, refused, caller):
        assert refused(orders.get, caller, "ann", "7") == "missing"


class TestPage:
    @pytest.fixture(autouse=True)
    def _orders(self, store):
        put(store, *orders_of(3, "ann"), *orders_of(2, "bob", NOON + 500), an_order("s", "sam", status=Status.READY))

    @pytest.mark.parametrize(
        ("caller", "customer", "status", "ids"),
        [
            pytest.param(ANN, None, None, ["ann-003", "ann-002", "ann-001"], id="own"),
            pytest.param(ANN, "ann", None, ["ann-003", "ann-002", "ann-001"], id="own by name"),
            pytest.param(ANN, None, Status.READY, [], id="own in a status"),
            pytest.param(SAM, None, Status.READY, ["s"], id="staff: all in a status"),
            pytest.param(
                SAM, None, None, ["ann-003", "bob-002", "ann-002", "bob-001", "ann-001", "s"], id="staff: all"
            ),
            pytest.param(SAM, "bob", None, ["bob-002", "bob-001"], id="staff: one customer's"),
            pytest.param(SAM, "sam", None, ["s"], id="staff: their own"),
            pytest.param(SAM, "nobody", None, [], id="staff: an unknown customer's"),
        ],
    )
    def test_contains_the_orders_that_the_caller_can_see(self, orders, caller, customer, status, ids):
        page = orders.page(caller, customer, status, 25, None)

        assert ([order.id for order in page.items], page.next) == (ids, None)

    def test_refuses_another_customers_orders(self, orders, refused):
        assert refused(orders.page, ANN, "bob", None, 25, None) == "forbidden"

    def test_continues_on_the_next_page(self, orders):
        first = orders.page(ANN, None, None, 2, None)
        second = orders.page(ANN, None, None, 2, first.next)

        assert [order.id for order in first.items + second.items] == ["ann-003", "ann-002", "ann-001"]
        assert second.next is None

    def test_from_another_customers_position_contains_only_own_orders(self, orders):
        bobs = orders.page(BOB, None, None, 1, None)

        assert [order.id for order in orders.page(ANN, None, None, 25, bobs.next).items] == ["ann-002", "ann-001"]


class TestMove:
    @pytest.mark.parametrize(("source", "target"), EVERY_MOVE)
    def test_by_staff_follows_the_lifecycle(self, orders, store, clock, refused, source, target):
        put(store, an_order("7", status=source))
        clock.pass_ms(5000)

        if (source, target) in ALLOWED_MOVES:
            moved = orders.move(SAM, "ann", "7", Move(target))
            assert (moved.status, moved.staff, moved.updated_at) == (target, "sam", clock.now)
            assert store.get("ann", "7") == moved
        else:
            assert refused(orders.move, SAM, "ann", "7", Move(target)) == "conflict"
            assert store.writes == 0

    @pytest.mark.parametrize(("source", "target"), EVERY_MOVE)
    def test_by_a_customer_can_only_be_a_cancellation(self, orders, store, refused, source, target):
        put(store, an_order("7", status=source))

        if target is not Status.CANCELLED:
            assert refused(orders.move, ANN, "ann", "7", Move(target)) == "forbidden"
            assert store.writes == 0
        elif (source, target) in ALLOWED_MOVES:
            moved = orders.move(ANN, "ann", "7", Move(target))
            assert (moved.status, moved.staff) == (Status.CANCELLED, UNSET)
        else:
            assert refused(orders.move, ANN, "ann", "7", Move(target)) == "conflict"
            assert store.writes == 0

    @pytest.mark.parametrize("target", Status)
    def test_of_another_customers_order_is_refused(self, orders, store, refused, target):
        put(store, an_order("7", "bob"))

        assert refused(orders.move, ANN, "bob", "7", Move(target)) == "forbidden"
        assert store.writes == 0

    @pytest.mark.parametrize("target", Status)
    def test_of_a_missing_order_is_refused(self, orders, refused, target):
        assert refused(orders.move, SAM, "ann", "7", Move(target)) == "missing"

    @pytest.mark.parametrize(
        ("given", "stored"), [(None, NOON), (1234, 1234), (0, 0)], ids=["not given", "given", "zero"]
    )
    def test_to_filled_stores_the_fill_time(self, orders, store, given, stored):
        put(store, an_order("7", status=Status.READY))

        assert orders.move(SAM, "ann", "7", Move(Status.FILLED, given)).filled_at == stored

    @pytest.mark.parametrize(("source", "target"), sorted(ALLOWED_MOVES - {(Status.READY, Status.FILLED)}))
    def test_to_another_status_ignores_the_fill_time(self, orders, store, source, target):
        put(store, an_order("7", status=source))

        assert orders.move(SAM, "ann", "7", Move(target, 1234)).filled_at is None

    def test_cannot_be_repeated(self, orders, store, refused):
        put(store, an_order("7"))
        orders.move(ANN, "ann", "7", Move(Status.CANCELLED))

        assert refused(orders.move, ANN, "ann", "7", Move(Status.CANCELLED)) == "conflict"
        assert store.writes == 1


class TestReplace:
    @pytest.mark.parametrize("status", Status)
    def test_by_the_customer_is_possible_only_while_created(self, orders, store, refused, status):
        put(store, an_order("7", status=status))

        if status is Status.CREATED:
            assert orders.replace(ANN, "ann", "7", Replacement(items=MUFFINS)).items == MUFFINS
        else:
            assert refused(orders.replace, ANN, "ann", "7", Replacement(items=MUFFINS)) == "conflict"
            assert store.get("ann", "7").items == ESPRESSO

    @pytest.mark.parametrize("status", [Status.CREATED, Status.ACCEPTED, Status.READY])
    def test_by_staff_is_possible_until_filled(self, orders, store, status):
        put(store, an_order("7", status=status))

        changed = orders.replace(SAM, "ann", "7", Replacement(items=MUFFINS))

        assert (changed.items, changed.status) == (MUFFINS, status)

    def test_changes_only_the_content_and_the_update_time(self, orders, store, clock):
        order = an_order("7", restaurant_id="r1", staff="sam")
        put(store, order)
        clock.pass_ms(5000)

        changed = orders.replace(ANN, "ann", "7", Replacement(name="Muffin", quantity=2))

        expected = msgspec.structs.replace(order, items=MUFFINS, updated_at=clock.now)
        assert changed.public() == expected.public()
        assert store.all() == [changed]

    def test_can_change_the_restaurant(self, orders, store):
        put(store, an_order("7", restaurant_id="r1"))

        assert orders.replace(ANN, "ann", "7", Replacement(items=ESPRESSO, restaurant_id=2)).restaurant_id == 2

    def test_is_idempotent(self, orders, store):
        put(store, an_order("7"))

        answers = [orders.replace(ANN, "ann", "7", Replacement(items=MUFFINS)) for _ in range(2)]

        assert answers[0].public() == answers[1].public()

    def test_of_another_customers_order_is_refused(self, orders, store, refused):
        put(store, an_order("7", "bob"))

        assert refused(orders.replace, ANN, "bob", "7", Replacement(items=MUFFINS)) == "forbidden"
        assert store.writes == 0

    @pytest.mark.parametrize("caller", [ANN, SAM], ids=["own", "staff"])
    def test_of_a_missing_order_is_refused(self, orders, store, refused, caller):
        assert refused(orders.replace, caller, "ann", "7", Replacement(items=MUFFINS)) == "missing"
        assert store.all() == []


class TestDelete:
    @pytest.mark.parametrize(
        ("caller", "status"),
        [
            *((ANN_WITH_DELETE, status) for status in Status if status is not Status.READY),
            *((SAM_WITH_DELETE, status) for status in Status),
        ],
    )
    def test_deletes_an_order(self, orders, store, caller, status):
        put(store, an_order("7", status=status), an_order("8"))

        orders.delete(caller, "ann", "7")

        assert store.all() == [an_order("8")]

    def test_of_a_customers_order_that_is_ready_is_a_conflict(self, orders, store, refused):
        """It was made, and is not paid for yet."""
        put(store, an_order("7", status=Status.READY))

        assert refused(orders.delete, ANN_WITH_DELETE, "ann", "7") == "conflict"
        assert store.all() == [an_order("7", status=Status.READY)]

    @pytest.mark.parametrize("caller", [ANN, SAM, BOB], ids=["own", "staff", "another customer"])
    def test_requires_the_scope(self, orders, store, refused, caller):
        put(store, an_order("7"))

        assert refused(orders.delete, caller, "ann", "7") == "forbidden"
        assert store.all() == [an_order("7")]

    def test_refuses_another_customers_order_even_with_the_scope(self, orders, store, refused):
        put(store, an_order("7", "ann"))

        assert refused(orders.delete, BOB_WITH_DELETE, "ann", "7") == "forbidden"
        assert store.all() == [an_order("7")]

    def test_a_deleted_order_is_missing(self, orders, store, refused):
        put(store, an_order("7"))
        orders.delete(ANN_WITH_DELETE, "ann", "7")

        assert refused(orders.delete, ANN_WITH_DELETE, "ann", "7") == "missing"


class TestAccept:
    def test_moves_a_new_order(self, orders, store, clock):
        put(store, an_order("7"))
        clock.pass_ms(5000)

        accepted = orders.accept(an_order_placed("7"))

        assert accepted.public() == an_order("7", status=Status.ACCEPTED, updated_at=clock.now).public()
        assert store.all() == [accepted]

    def test_twice_writes_once(self, orders, store):
        put(store, an_order("7"))

        assert [orders.accept(an_order_placed("7")) is None for _ in range(2)] == [False, True]
        assert store.writes == 1

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.CREATED])
    def test_does_not_change_an_order_that_has_moved_on(self, orders, store, status):
        put(store, an_order("7", status=status))

        assert orders.accept(an_order_placed("7")) is None
        assert store.all() == [an_order("7", status=status)]

    def test_of_a_deleted_order_creates_none(self, orders, store):
        assert orders.accept(an_order_placed("7")) is None
        assert store.all() == []

    def test_of_a_revision_moves_an_unchanged_order(self, orders, store):
        put(store, an_order("7", revision="r1"))

        assert orders.accept(an_order_placed("7"), "r1").status is Status.ACCEPTED

    def test_of_a_revision_ignores_an_order_that_has_changed(self, orders, store):
        put(store, an_order("7", revision="r2"))

        assert orders.accept(an_order_placed("7"), "r1") is None
        assert store.all() == [an_order("7", revision="r2")]

    def test_accepting_a_revision_twice_writes_once(self, orders, store):
        put(store, an_order("7", revision="r1"))

        assert [orders.accept(an_order_placed("7"), "r1") is None for _ in range(2)] == [False, True]
        assert store.writes == 1

    def test_of_a_revision_ignores_a_later_order_with_the_same_id(self, orders, store):
        put(store, LATER)

        assert orders.accept(an_order_placed("7"), "r1") is None
        assert store.all() == [LATER]

    def test_without_a_revision_moves_any_order_with_the_id(self, orders, store):
        put(store, LATER)

        assert orders.accept(an_order_placed("7")).created_at == LATER.created_at

    def test_does_not_mistake_a_store_failure_for_an_order_that_has_moved_on(self):
        class BrokenStore(FakeStore):
            def update(self, *_):
                raise ConnectionError("the network is down")

        with pytest.raises(ConnectionError):
            Orders(BrokenStore(), RETENTION_DAYS).accept(an_order_placed("7"))


class TestCancel:
    """Cancellation by the café. A customer's cancellation is a move."""

    @pytest.mark.parametrize("status", Status)
    def test_cancels_an_order_that_is_not_ready(self, orders, store, status):
        put(store, an_order("7", status=status))

        cancelled = orders.cancel(an_order_placed("7"))

        if (status, Status.CANCELLED) in ALLOWED_MOVES:
            assert cancelled.status is Status.CANCELLED
            assert store.all() == [cancelled]
        else:
            assert cancelled is None
            assert store.all() == [an_order("7", status=status)]

    def test_of_a_deleted_order_creates_none(self, orders, store):
        assert orders.cancel(an_order_placed("7")) is None
        assert store.all() == []

    def test_ignores_a_later_order_with_the_same_id(self, orders, store):
        put(store, LATER)

        assert orders.cancel(an_order_placed("7")) is None
        assert store.all() == [LATER]

    @pytest.mark.parametrize(("changes", "ends"), [(1, True), (9, True), (10, False)])
    def test_is_retried_while_the_order_changes(self, clock, changes, ends):
        class BusyStore(FakeStore):
            left = changes

            def get(self, customer, id):
                found = super().get(customer, id)
                if self.left:
                    self.left -= 1
                    self.update(customer, id, {"_revision": f"r{self.left}"}, Status)
                return found

        store = BusyStore(an_order("7", revision="r"))
        if ends:
            assert Orders(store, RETENTION_DAYS, clock).cancel(an_order_placed("7")).status is Status.CANCELLED
        else:
            with pytest.raises(Refusal, match="keeps changing"):
                Orders(store, RETENTION_DAYS, clock).cancel(an_order_placed("7"))

    def test_does_not_mistake_a_store_failure_for_a_deleted_order(self):
        class BrokenStore(FakeStore):
            def get(self, *_):
                raise ConnectionError("the network is down")

        with pytest.raises(ConnectionError):
            Orders(BrokenStore(), RETENTION_DAYS).cancel(an_order_placed("7"))


class TestFind:
    def test_finds_anyones_order(self, orders, store):
        put(store, an_order("7", "bob"))

        assert orders.find(an_order_placed("7", "bob")) == an_order("7", "bob")

    @pytest.mark.parametrize("status", Status)
    def test_finds_an_order_in_any_status(self, orders, store, status):
        order = an_order("7", status=status, updated_at=NOON + 5, revision="r5", items=MUFFINS)
        put(store, order)

        assert orders.find(an_order_placed("7")) == order

    def test_a_missing_order_is_not_found(self, orders):
        assert orders.find(an_order_placed("7")) is None

    def test_does_not_find_a_later_order_with_the_same_id(self, orders, store):
        put(store, LATER)

        assert orders.find(an_order_placed("7")) is None
        assert orders.find(an_order_placed("7", created_at=LATER.created_at)) == LATER


class TestCorrelationId:
    """The request that last changed an order, for the log of later steps."""

    def test_is_that_of_the_last_write(self, orders):
        def by(caller, request):
            return caller._replace(correlation_id=request)

        created, _ = orders.create(by(ANN, "1"), NewOrder(items=ESPRESSO, id="7"))
        replaced = orders.replace(by(ANN, "2"), "ann", "7", Replacement(items=MUFFINS))
        accepted = orders.accept(an_order_placed("7", correlation_id="3"))
        ready = orders.move(by(SAM, "4"), "ann", "7", Move(Status.READY))

        assert [order.correlation_id for order in (created, replaced, accepted, ready)] == ["1", "2", "3", "4"]

    def test_of_an_existing_order_does_not_change(self, orders):
        orders.create(ANN._replace(correlation_id="1"), NewOrder(items=ESPRESSO, id="7"))

        stored, _ = orders.create(ANN._replace(correlation_id="2"), NewOrder(items=ESPRESSO, id="7"))

        assert stored.correlation_id == "1"


TIMES = st.integers(0, 9_999_999_999_999)


@given(st.lists(TIMES, min_size=2, max_size=10, unique=True))
def test_ids_sort_by_time(times):
    ids = {at: new_id(at) for at in times}

    assert sorted(times) == sorted(times, key=ids.__getitem__)


@given(TIMES)
def test_generated_ids_are_valid_and_unique(at):
    made = new_id(at)

    assert msgspec.convert({"items": [{"name": "x", "qty": 1}], "id": made}, NewOrder).id == made
    assert made != new_id(at)


def test_the_time_is_in_whole_ms():
    at = now_ms()

    assert isinstance(at, int)
    assert NOON < at < 10 * NOON


class TestRevision:
    """A value that identifies a state of an order."""

    def test_changes_with_each_write(self, orders, store):
        order, _ = orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))
        seen = [order.revision]
        for write in (
            lambda: orders.replace(ANN, "ann", "7", Replacement(items=MUFFINS)),
            lambda: orders.accept(an_order_placed("7")),
            lambda: orders.move(SAM, "ann", "7", Move(Status.READY)),
            lambda: orders.replace(SAM, "ann", "7", Replacement(items=MUFFINS)),
        ):
            write()
            seen.append(store.get("ann", "7").revision)

        assert len(set(seen)) == len(seen)
        assert all(seen)

    def test_allows_a_write_that_expects_it(self, orders):
        order, _ = orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))

        changed = orders.replace(ANN, "ann", "7", Replacement(items=MUFFINS), {"another", order.revision})
        cancelled = orders.move(ANN, "ann", "7", Move(Status.CANCELLED), {changed.revision})
        orders.delete(ANN_WITH_DELETE, "ann", "7", {cancelled.revision})

    @pytest.mark.parametrize("match", [{"another"}, set()], ids=["another", "none"])
    def test_refuses_a_write_that_expects_another(self, orders, store, refused, match):
        order, _ = orders.create(ANN, NewOrder(items=ESPRESSO, id="7"))

        assert refused(orders.replace, ANN, "ann", "7", Replacement(items=MUFFINS), match) == "changed"
        assert refused(orders.move, ANN, "ann", "7", Move(Status.CANCELLED), match) == "changed"
        assert refused(orders.delete, ANN_WITH_DELETE, "ann", "7", match) == "changed"
        assert store.all() == [order]

    def test_of_a_missing_order_is_missing(self, orders, refused):
        assert refused(orders.replace, ANN, "ann", "7", Replacement(items=MUFFINS), {"any"}) == "missing"
        assert refused(orders.delete, ANN_WITH_DELETE, "ann", "7", {"any"}) == "missing"
