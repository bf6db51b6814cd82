"""For a minute, staff may take back a move that staff made."""

import pytest

from lambdas.orders.models import Move, Status
from lambdas.orders.service import Orders
from tests.lambdas.builders import ANN, RETENTION_DAYS, SAM, an_order, an_order_placed

BACK = [(Status.ACCEPTED, Status.CREATED), (Status.READY, Status.ACCEPTED), (Status.FILLED, Status.READY)]
FORWARD = {Status.ACCEPTED: Status.CREATED, Status.READY: Status.ACCEPTED, Status.FILLED: Status.READY}


@pytest.fixture
def moved(orders, store):
    """An order that staff have just moved to a status."""

    def move(status, **fields):
        store.insert(an_order("7", status=FORWARD[status], **fields))
        return orders.move(SAM, "ann", "7", Move(status))

    return move


@pytest.mark.parametrize(("status", "before"), BACK)
def test_a_move_is_taken_back_for_a_minute(orders, moved, clock, status, before):
    moved(status)
    clock.pass_ms(60_000)

    order = orders.move(SAM, "ann", "7", Move(before))

    assert (order.status, order.filled_at) == (before, None)


@pytest.mark.parametrize(("status", "before"), BACK)
def test_after_a_minute_it_stays(orders, moved, clock, refused, status, before):
    moved(status)
    clock.pass_ms(60_001)

    assert refused(orders.move, SAM, "ann", "7", Move(before)) == "conflict"


def test_a_move_that_staff_did_not_make_stays(orders, store, clock, refused):
    store.insert(an_order("7"))
    orders.accept(an_order_placed("7"))

    assert refused(orders.move, SAM, "ann", "7", Move(Status.CREATED)) == "conflict"


def test_one_move_is_taken_back_once(orders, store, moved, refused):
    store.insert(an_order("7"))
    orders.accept(an_order_placed("7"))
    orders.move(SAM, "ann", "7", Move(Status.READY))
    orders.move(SAM, "ann", "7", Move(Status.ACCEPTED))

    # The acceptance before it was not made by staff.
    assert refused(orders.move, SAM, "ann", "7", Move(Status.CREATED)) == "conflict"


def test_a_cancellation_stays(orders, store, refused):
    store.insert(an_order("7"))
    orders.move(SAM, "ann", "7", Move(Status.CANCELLED, reason="Out of milk"))

    assert store.get("ann", "7").reason == "Out of milk"
    for status in (Status.CREATED, Status.ACCEPTED):
        assert refused(orders.move, SAM, "ann", "7", Move(status)) == "conflict"


def test_customers_take_nothing_back(orders, moved, refused):
    moved(Status.ACCEPTED)

    assert refused(orders.move, ANN, "ann", "7", Move(Status.CREATED)) == "forbidden"


def test_it_can_depend_on_the_revision(orders, moved, refused):
    order = moved(Status.READY)

    assert refused(orders.move, SAM, "ann", "7", Move(Status.ACCEPTED), {"another"}) == "changed"
    assert orders.move(SAM, "ann", "7", Move(Status.ACCEPTED), {order.revision}).status is Status.ACCEPTED


def test_what_was_paid_for_cannot_be_changed_by_it(orders, moved, refused):
    moved(Status.ACCEPTED, paid_revision="r1")

    assert refused(orders.move, SAM, "ann", "7", Move(Status.CREATED)) == "conflict"


def test_with_the_workflow_everything_but_the_acceptance_is_taken_back(store, clock, refused):
    orders = Orders(store, RETENTION_DAYS, clock, has_workflow=True)
    store.insert(an_order("7", status=Status.ACCEPTED))
    orders.move(SAM, "ann", "7", Move(Status.READY))

    assert orders.move(SAM, "ann", "7", Move(Status.ACCEPTED)).status is Status.ACCEPTED
    assert refused(orders.move, SAM, "ann", "7", Move(Status.CREATED)) == "conflict"


def test_only_a_cancellation_has_a_reason(orders, moved, refused, store):
    store.insert(an_order("7"))

    assert refused(orders.move, SAM, "ann", "7", Move(Status.ACCEPTED, reason="why")) == "invalid"
