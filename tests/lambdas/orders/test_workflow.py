import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lambdas.cafe.offer import Offer
from lambdas.orders.events import event_of
from lambdas.orders.models import Item, Move, NewOrder, Replacement, Status
from lambdas.orders.pricing import Pricing
from lambdas.orders.service import Orders
from lambdas.orders.workflow import Outcome, Workflow
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, NOON, RETENTION_DAYS, SAM, a_dish, an_order, an_order_placed
from tests.lambdas.fakes import FakeClock, FakePayments, FakeStore

PLACED = an_order_placed("7")
ESPRESSO = [Item("Espresso", 1)]
CROISSANTS = [Item("Croissant", 9)]


@pytest.fixture
def payments():
    return FakePayments()


MENU = [a_dish("Espresso", 220), a_dish("Croissant", 250)]


@pytest.fixture
def menu():
    return MENU


@pytest.fixture
def workflow(orders, payments):
    return Workflow(orders, payments)


def statuses(store):
    return [order.status for order in store.all()]


class TestCheck:
    def test_of_a_new_order_returns_the_amount(self, workflow, store):
        store.insert(an_order("7", revision="r1", total=690))

        assert workflow.check(PLACED) == Outcome("good", 690, "r1")

    def test_of_an_order_without_a_price_is_refused(self, workflow, store):
        store.insert(an_order("7", revision="r1", total=UNSET))

        assert workflow.check(PLACED) == Outcome("refused", reason="it has no price")

    def test_of_a_deleted_order_is_gone(self, workflow):
        assert workflow.check(PLACED) == Outcome("gone", reason="there is no such order")

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.CREATED])
    def test_of_an_order_that_has_moved_on_is_gone(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.check(PLACED) == Outcome("gone", reason=f"it is {status}")

    def test_changes_nothing(self, workflow, store, payments):
        store.insert(an_order("7", revision="r1"))

        assert workflow.check(PLACED) == workflow.check(PLACED)
        assert (store.all(), payments.amounts) == ([an_order("7", revision="r1")], {})


class TestPay:
    def test_charges_the_amount(self, workflow, payments):
        assert workflow.pay(PLACED, 690) == Outcome("paid", 690)
        assert payments.amounts == {PLACED.key: 690}

    def test_twice_charges_once(self, workflow, payments):
        assert [workflow.pay(PLACED, 690) for _ in range(2)] == [Outcome("paid", 690)] * 2
        assert payments.amounts == {PLACED.key: 690}

    def test_can_be_declined(self, workflow, payments):
        payments.declines = True

        assert workflow.pay(PLACED, 690) == Outcome("declined", 690)
        assert payments.amounts == {}

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(an_order_placed("8"), id="another order"),
            pytest.param(an_order_placed(customer="bob"), id="another customer's order with the same ID"),
            pytest.param(an_order_placed(created_at=NOON + 1), id="a later order with the same ID"),
        ],
    )
    def test_different_orders_have_different_payments(self, workflow, payments, other):
        for placed in (PLACED, other):
            workflow.pay(placed, 220)

        assert payments.amounts == {PLACED.key: 220, other.key: 220}


class TestConfirm:
    def test_accepts_a_new_order_and_returns_its_waiting_time(self, workflow, store, clock):
        store.insert(an_order("7", revision="r1"))
        clock.pass_ms(5000)

        assert workflow.confirm(PLACED, "r1") == Outcome("accepted", waited_ms=5000)
        assert statuses(store) == [Status.ACCEPTED]

    def test_twice_accepts_and_measures_once(self, workflow, store):
        store.insert(an_order("7", revision="r1"))

        outcomes = [workflow.confirm(PLACED, "r1") for _ in range(2)]

        assert outcomes == [Outcome("accepted", waited_ms=0), Outcome("accepted", reason="it was already accepted")]
        assert store.writes == 2

    @pytest.mark.parametrize("status", [Status.ACCEPTED, Status.READY, Status.FILLED])
    def test_does_not_change_an_accepted_order(self, workflow, store, status):
        store.insert(an_order("7", revision="r2", paid_revision="r1", status=status))

        assert workflow.confirm(PLACED, "r1").outcome == "accepted"
        assert statuses(store) == [status]

    @pytest.mark.parametrize("paid", [UNSET, "r0"])
    def test_of_an_order_that_was_accepted_as_something_else_is_gone(self, workflow, store, paid):
        """Staff accepted it by hand, or it was paid for as it was before."""
        store.insert(an_order("7", revision="r2", paid_revision=paid, status=Status.ACCEPTED))

        assert workflow.confirm(PLACED, "r1") == Outcome("gone", reason="it was changed after payment")

    def test_of_a_cancelled_order_is_gone(self, workflow, store):
        store.insert(an_order("7", revision="r1", status=Status.CANCELLED))

        assert workflow.confirm(PLACED, "r1").outcome == "gone"
        assert statuses(store) == [Status.CANCELLED]

    def test_of_a_missing_order_is_gone(self, workflow, store):
        assert workflow.confirm(PLACED, "r1").outcome == "gone"
        assert store.all() == []

    def test_of_an_order_that_changed_after_payment_is_gone(self, workflow, store):
        store.insert(an_order("7", revision="r2"))

        outcome = workflow.confirm(PLACED, "r1")

        assert outcome == Outcome("gone", reason="it was changed after payment")
        assert statuses(store) == [Status.CREATED]

    def test_without_a_revision_is_gone(self, workflow, store):
        # An execution from before revisions existed.
        store.insert(an_order("7", revision="r1"))

        assert workflow.confirm(PLACED, "").outcome == "gone"
        assert statuses(store) == [Status.CREATED]

    def test_retry_after_a_lost_response_finds_the_order_accepted(self, workflow, store):
        store.insert(an_order("7", revision="r1"))
        workflow.confirm(PLACED, "r1")

        assert store.get("ann", "7").revision != "r1"
        assert workflow.confirm(PLACED, "r1") == Outcome("accepted", reason="it was already accepted")

    def test_immediately_after_placement_has_a_waiting_time_of_0(self, workflow, store):
        store.insert(an_order("7", revision="r1", created_at=NOON))

        # `None` would mean that the order was accepted before.
        assert workflow.confirm(PLACED, "r1").waited_ms == 0


class TestRefund:
    def test_refunds_the_payment(self, workflow, payments):
        workflow.pay(PLACED, 690)

        assert workflow.refund(PLACED) == Outcome("refunded")
        assert payments.amounts == {PLACED.key: 0}

    def test_twice_refunds_once(self, workflow):
        workflow.pay(PLACED, 690)

        outcomes = [workflow.refund(PLACED).outcome for _ in range(2)]

        assert outcomes == ["refunded", "nothing to refund"]

    def test_before_payment_prevents_it(self, workflow):
        assert workflow.refund(PLACED) == Outcome("nothing to refund")
        assert workflow.pay(PLACED, 690).outcome == "declined"


class TestCancel:
    @pytest.mark.parametrize("status", [Status.CREATED, Status.ACCEPTED])
    def test_cancels_an_order_that_is_not_ready(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.cancel(PLACED) == Outcome("cancelled")
        assert statuses(store) == [Status.CANCELLED]

    def test_twice_cancels_once(self, workflow, store):
        store.insert(an_order("7", revision="r1"))

        assert [workflow.cancel(PLACED).outcome for _ in range(2)] == ["cancelled", "left"]
        assert store.writes == 2

    @pytest.mark.parametrize("status", [Status.READY, Status.FILLED, Status.CANCELLED])
    def test_does_not_change_a_finished_order(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.cancel(PLACED) == Outcome("left")
        assert statuses(store) == [status]

    def test_of_a_deleted_order_creates_none(self, workflow, store):
        assert workflow.cancel(PLACED) == Outcome("left")
        assert store.all() == []


def order_of(orders, items, by=ANN):
    """Place an order and return its `OrderPlaced` event."""
    order, is_new = orders.create(by, NewOrder(items=items, id="7"))
    assert is_new
    return event_of(None, order)


class TestOrderThatChanges:
    """Only the state of an order that was checked and paid for is accepted."""

    def change(self, orders):
        orders.replace(ANN, "ann", "7", Replacement(items=CROISSANTS))

    @pytest.mark.parametrize("changed_before", ["paying", "confirming"])
    def test_after_the_check_is_refunded_and_cancelled(self, workflow, orders, store, payments, changed_before):
        placed = order_of(orders, ESPRESSO)
        checked = workflow.check(placed)
        if changed_before == "paying":
            self.change(orders)
        workflow.pay(placed, checked.amount)
        if changed_before == "confirming":
            self.change(orders)

        assert workflow.confirm(placed, checked.revision).outcome == "gone"
        assert statuses(store) == [Status.CREATED]
        # The workflow then refunds and cancels the order, and the stream notifies the customer.
        assert workflow.refund(placed) == Outcome("refunded")
        assert workflow.cancel(placed) == Outcome("cancelled")
        assert payments.amounts == {placed.key: 0}
        assert statuses(store) == [Status.CANCELLED]

    def test_before_the_check_costs_the_new_amount(self, workflow, orders, payments):
        placed = order_of(orders, ESPRESSO)
        self.change(orders)

        checked = workflow.check(placed)
        workflow.pay(placed, checked.amount)

        assert workflow.confirm(placed, checked.revision).outcome == "accepted"
        assert payments.amounts == {placed.key: 9 * 250}

    def test_after_acceptance_stays_accepted(self, workflow, orders, store):
        placed = order_of(orders, ESPRESSO)
        checked = workflow.check(placed)
        workflow.confirm(placed, checked.revision)
        orders.replace(SAM, "ann", "7", Replacement(items=CROISSANTS))

        assert workflow.confirm(placed, checked.revision).outcome == "accepted"
        assert statuses(store) == [Status.ACCEPTED]


class TestOrderThatIsPlacedAgain:
    """An order placed with the ID of a deleted order has its own workflow."""

    @pytest.fixture
    def first(self, orders):
        return order_of(orders, ESPRESSO)

    @pytest.fixture
    def place_again(self, orders, clock):
        def again():
            orders.delete(ANN_WITH_DELETE, "ann", "7")
            clock.pass_ms(1)
            return order_of(orders, ESPRESSO)

        return again

    def test_is_gone_for_the_first_workflow_and_is_charged_once(self, workflow, store, payments, first, place_again):
        again = place_again()

        assert workflow.check(first) == Outcome("gone", reason="there is no such order")

        checked = workflow.check(again)
        workflow.pay(again, checked.amount)
        assert workflow.confirm(again, checked.revision).outcome == "accepted"
        assert payments.amounts == {again.key: checked.amount}
        assert statuses(store) == [Status.ACCEPTED]

    def test_is_not_changed_by_a_running_workflow_of_the_first(self, workflow, store, payments, first, place_again):
        checked = workflow.check(first)
        workflow.pay(first, checked.amount)
        again = place_again()
        [stored] = store.all()

        assert workflow.confirm(first, checked.revision).outcome == "gone"
        assert workflow.refund(first) == Outcome("refunded")
        assert workflow.cancel(first) == Outcome("left")

        assert store.all() == [stored]
        assert workflow.check(again) == Outcome("good", checked.amount, stored.revision)
        assert payments.amounts == {first.key: 0}

    def test_keeps_its_payment_when_the_first_is_refunded(self, workflow, payments, first, place_again):
        workflow.pay(first, 220)
        again = place_again()
        workflow.pay(again, 220)

        workflow.refund(first)

        assert payments.amounts == {first.key: 0, again.key: 220}


def execution(workflow, placed):
    """Run the state machine's steps, yielding after each."""
    checked = workflow.check(placed)
    yield
    if checked.outcome == "gone":
        return
    if checked.outcome == "good":
        paid = workflow.pay(placed, checked.amount).outcome == "paid"
        yield
        if paid:
            confirmed = workflow.confirm(placed, checked.revision).outcome
            yield
            if confirmed == "accepted":
                return
            workflow.refund(placed)
            yield
    workflow.cancel(placed)


EVENTS = st.sampled_from(["place", "put", "cancel", "delete", "step", "step", "step", "step of the previous one"])


# Failures need three matching events, and examples are cheap.
@settings(max_examples=300)
@given(st.lists(EVENTS, min_size=3, max_size=15))
def test_exactly_the_accepted_orders_are_paid_whatever_the_customer_does(events):
    clock, store, payments = FakeClock(), FakeStore(), FakePayments()
    orders = Orders(store, RETENTION_DAYS, clock, pricing=Pricing(lambda: Offer(MENU), "EUR", menu_only=True))
    workflow = Workflow(orders, payments)
    running, prices = [], {}

    def step(run):
        next(run, None)
        # An order must be paid for when it is accepted.
        for order in store.all():
            if order.status is Status.ACCEPTED:
                prices.setdefault(event_of(None, order).key, order.total)

    for n, event in enumerate(["place", *events], 1):
        clock.pass_ms(1)
        items = [Item("Espresso", n)]
        with contextlib.suppress(Refusal):
            if event == "place" and store.get("ann", "7") is None:
                running.append(execution(workflow, order_of(orders, items)))
            elif event == "put":
                orders.replace(ANN, "ann", "7", Replacement(items=items))
            elif event == "cancel":
                orders.move(ANN, "ann", "7", Move(Status.CANCELLED))
            elif event == "delete":
                orders.delete(ANN_WITH_DELETE, "ann", "7")
            elif event.startswith("step"):
                step(running[-1 if event == "step" else -2 % len(running)])
    for run in running:
        for _ in range(6):
            step(run)

    assert {key: amount for key, amount in payments.amounts.items() if amount} == prices
    assert all(order.status is not Status.CREATED for order in store.all())


def test_unreachable_services_are_errors_not_outcomes(workflow, store, payments, monkeypatch):
    def unreachable(*_):
        raise ConnectionError("the network is down")

    for name in ("get", "update"):
        monkeypatch.setattr(store, name, unreachable)
    for name in ("charge", "refund"):
        monkeypatch.setattr(payments, name, unreachable)

    for step in (workflow.check, workflow.refund, workflow.cancel):
        with pytest.raises(ConnectionError):
            step(PLACED)
    with pytest.raises(ConnectionError):
        workflow.confirm(PLACED, "r1")
    with pytest.raises(ConnectionError):
        workflow.pay(PLACED, 690)
