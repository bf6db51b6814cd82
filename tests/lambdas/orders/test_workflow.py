import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.orders import menu
from lambdas.orders.events import event_of
from lambdas.orders.models import Item, Move, NewOrder, Replacement, Status
from lambdas.orders.service import Orders
from lambdas.orders.workflow import Outcome, Workflow
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, NOON, RETENTION_DAYS, SAM, a_placed, an_order
from tests.lambdas.fakes import FakeClock, FakePayments, FakeStore

PLACED = a_placed("7")
ESPRESSO = [Item("Espresso", 1)]
CROISSANTS = [Item("Croissant", 9)]


@pytest.fixture
def payments():
    return FakePayments()


@pytest.fixture
def workflow(orders, payments):
    return Workflow(orders, payments)


def statuses(store):
    return [order.status for order in store.all()]


class TestCheck:
    def test_of_a_new_order_says_what_it_costs(self, workflow, store):
        store.insert(an_order("7", revision="r1", items=[Item("Espresso", 2), Item("Croissant", 1)]))

        assert workflow.check(PLACED) == Outcome("good", 690, "r1")

    def test_of_what_is_not_on_the_menu_refuses_it(self, workflow, store):
        store.insert(an_order("7", revision="r1", items=[Item("Pizza", 1)]))

        assert workflow.check(PLACED) == Outcome("refused", reason="`Pizza` is not on the menu.")

    def test_of_an_order_that_is_gone_ends_it(self, workflow):
        assert workflow.check(PLACED) == Outcome("gone", reason="there is no such order")

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.CREATED])
    def test_of_an_order_that_has_moved_on_ends_it(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.check(PLACED) == Outcome("gone", reason=f"it is {status}")

    def test_changes_nothing(self, workflow, store, payments):
        store.insert(an_order("7", revision="r1"))

        assert workflow.check(PLACED) == workflow.check(PLACED)
        assert (store.all(), payments.amounts) == ([an_order("7", revision="r1")], {})


class TestPay:
    def test_takes_the_amount_for_this_order(self, workflow, payments):
        assert workflow.pay(PLACED, 690) == Outcome("paid", 690)
        assert payments.amounts == {PLACED.key: 690}

    def test_twice_takes_it_once(self, workflow, payments):
        assert [workflow.pay(PLACED, 690) for _ in range(2)] == [Outcome("paid", 690)] * 2
        assert payments.amounts == {PLACED.key: 690}

    def test_may_be_declined(self, workflow, payments):
        payments.declines = True

        assert workflow.pay(PLACED, 690) == Outcome("declined", 690)
        assert payments.amounts == {}

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(a_placed("8"), id="another order"),
            pytest.param(a_placed(customer="bob"), id="another customer's order of the same id"),
            pytest.param(a_placed(created_at=NOON + 1), id="a later order of the same id"),
        ],
    )
    def test_for_another_order_is_another_payment(self, workflow, payments, other):
        for placed in (PLACED, other):
            workflow.pay(placed, 220)

        assert payments.amounts == {PLACED.key: 220, other.key: 220}


class TestConfirm:
    def test_accepts_a_new_order_and_says_how_long_it_has_waited(self, workflow, store, clock):
        store.insert(an_order("7", revision="r1"))
        clock.pass_ms(5000)

        assert workflow.confirm(PLACED, "r1") == Outcome("accepted", waited_ms=5000)
        assert statuses(store) == [Status.ACCEPTED]

    def test_twice_accepts_once_and_is_measured_once(self, workflow, store):
        store.insert(an_order("7", revision="r1"))

        outcomes = [workflow.confirm(PLACED, "r1") for _ in range(2)]

        assert outcomes == [Outcome("accepted", waited_ms=0), Outcome("accepted", reason="it was already accepted")]
        assert store.writes == 2

    @pytest.mark.parametrize("status", [Status.ACCEPTED, Status.READY, Status.FILLED])
    def test_leaves_an_order_that_is_being_made(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.confirm(PLACED, "r1").outcome == "accepted"
        assert statuses(store) == [status]

    def test_finds_an_order_that_the_customer_has_cancelled_gone(self, workflow, store):
        store.insert(an_order("7", revision="r1", status=Status.CANCELLED))

        assert workflow.confirm(PLACED, "r1").outcome == "gone"
        assert statuses(store) == [Status.CANCELLED]

    def test_finds_an_order_that_is_not_there_gone(self, workflow, store):
        assert workflow.confirm(PLACED, "r1").outcome == "gone"
        assert store.all() == []

    def test_finds_an_order_that_was_changed_since_it_was_paid_for_gone(self, workflow, store):
        store.insert(an_order("7", revision="r2"))

        outcome = workflow.confirm(PLACED, "r1")

        assert outcome == Outcome("gone", reason="the customer has changed it since paying")
        assert statuses(store) == [Status.CREATED]

    def test_of_an_order_whose_revision_nobody_knows_accepts_nothing(self, workflow, store):
        # An execution that was started before there were revisions.
        store.insert(an_order("7", revision="r1"))

        assert workflow.confirm(PLACED, "").outcome == "gone"
        assert statuses(store) == [Status.CREATED]

    def test_again_after_its_answer_was_lost_finds_the_order_accepted(self, workflow, store):
        store.insert(an_order("7", revision="r1"))
        workflow.confirm(PLACED, "r1")

        assert store.get("ann", "7").revision != "r1"
        assert workflow.confirm(PLACED, "r1") == Outcome("accepted", reason="it was already accepted")

    def test_of_an_order_that_was_placed_at_this_moment_has_waited_for_no_time(self, workflow, store):
        store.insert(an_order("7", revision="r1", created_at=NOON))

        # Which is not the same as having been accepted before.
        assert workflow.confirm(PLACED, "r1").waited_ms == 0


class TestRefund:
    def test_gives_back_what_was_paid(self, workflow, payments):
        workflow.pay(PLACED, 690)

        assert workflow.refund(PLACED) == Outcome("refunded")
        assert payments.amounts == {PLACED.key: 0}

    def test_twice_gives_it_back_once(self, workflow):
        workflow.pay(PLACED, 690)

        outcomes = [workflow.refund(PLACED).outcome for _ in range(2)]

        assert outcomes == ["refunded", "nothing to refund"]

    def test_of_what_was_not_paid_keeps_it_from_being_paid_later(self, workflow):
        assert workflow.refund(PLACED) == Outcome("nothing to refund")
        assert workflow.pay(PLACED, 690).outcome == "declined"


class TestCancel:
    @pytest.mark.parametrize("status", [Status.CREATED, Status.ACCEPTED])
    def test_gives_up_what_is_not_made_yet(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.cancel(PLACED) == Outcome("cancelled")
        assert statuses(store) == [Status.CANCELLED]

    def test_twice_cancels_once(self, workflow, store):
        store.insert(an_order("7", revision="r1"))

        assert [workflow.cancel(PLACED).outcome for _ in range(2)] == ["cancelled", "left"]
        assert store.writes == 2

    @pytest.mark.parametrize("status", [Status.READY, Status.FILLED, Status.CANCELLED])
    def test_leaves_what_is_made_or_given_up(self, workflow, store, status):
        store.insert(an_order("7", revision="r1", status=status))

        assert workflow.cancel(PLACED) == Outcome("left")
        assert statuses(store) == [status]

    def test_of_an_order_that_is_gone_makes_none(self, workflow, store):
        assert workflow.cancel(PLACED) == Outcome("left")
        assert store.all() == []


def order_of(orders, items, by=ANN):
    """Place an order, and give what the stream says of it."""
    order, is_new = orders.create(by, NewOrder(items=items, id="7"))
    assert is_new
    return event_of(None, order)


class TestOrderThatChanges:
    """What was checked and paid for is what is accepted, or nothing is."""

    def change(self, orders):
        orders.replace(ANN, "ann", "7", Replacement(items=CROISSANTS))

    @pytest.mark.parametrize("changed_before", ["paying", "confirming"])
    def test_after_it_was_checked_is_not_accepted_for_less_than_it_costs(
        self, workflow, orders, store, payments, changed_before
    ):
        placed = order_of(orders, ESPRESSO)
        checked = workflow.check(placed)
        if changed_before == "paying":
            self.change(orders)
        workflow.pay(placed, checked.amount)
        if changed_before == "confirming":
            self.change(orders)

        assert workflow.confirm(placed, checked.revision).outcome == "gone"
        assert statuses(store) == [Status.CREATED]
        # Where that leads to: the money back, and an end that the customer is told of.
        assert workflow.refund(placed) == Outcome("refunded")
        assert workflow.cancel(placed) == Outcome("cancelled")
        assert payments.amounts == {placed.key: 0}
        assert statuses(store) == [Status.CANCELLED]

    def test_before_it_is_checked_costs_what_it_costs_then(self, workflow, orders, payments):
        placed = order_of(orders, ESPRESSO)
        self.change(orders)

        checked = workflow.check(placed)
        workflow.pay(placed, checked.amount)

        assert workflow.confirm(placed, checked.revision).outcome == "accepted"
        assert payments.amounts == {placed.key: menu.amount(CROISSANTS)}

    def test_after_it_was_accepted_stays_accepted(self, workflow, orders, store):
        placed = order_of(orders, ESPRESSO)
        checked = workflow.check(placed)
        workflow.confirm(placed, checked.revision)
        orders.replace(SAM, "ann", "7", Replacement(items=CROISSANTS))

        assert workflow.confirm(placed, checked.revision).outcome == "accepted"
        assert statuses(store) == [Status.ACCEPTED]


class TestOrderThatIsPlacedAgain:
    """After it was deleted, under the same id: it has a workflow of its own, and the first one's is none of its."""

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

    def test_is_gone_for_the_first_ones_workflow_and_is_charged_once(
        self, workflow, store, payments, first, place_again
    ):
        again = place_again()

        assert workflow.check(first) == Outcome("gone", reason="there is no such order")

        checked = workflow.check(again)
        workflow.pay(again, checked.amount)
        assert workflow.confirm(again, checked.revision).outcome == "accepted"
        assert payments.amounts == {again.key: checked.amount}
        assert statuses(store) == [Status.ACCEPTED]

    def test_is_not_touched_by_a_workflow_that_had_begun(self, workflow, store, payments, first, place_again):
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

    def test_keeps_its_payment_when_the_first_ones_is_given_back(self, workflow, payments, first, place_again):
        workflow.pay(first, 220)
        again = place_again()
        workflow.pay(again, 220)

        workflow.refund(first)

        assert payments.amounts == {first.key: 0, again.key: 220}


def execution(workflow, placed):
    """The state machine's way through the steps, from one to the next."""
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


EVENTS = st.sampled_from(["place", "put", "cancel", "delete", "step", "step", "step", "step of the one before"])


# Mishaps take three events that fit, and an example is cheap.
@settings(max_examples=300)
@given(st.lists(EVENTS, min_size=3, max_size=15))
def test_whatever_a_customer_does_in_between_what_is_accepted_is_paid_for_and_nothing_else_is(events):
    clock, store, payments = FakeClock(), FakeStore(), FakePayments()
    orders = Orders(store, RETENTION_DAYS, clock)
    workflow = Workflow(orders, payments)
    running, prices = [], {}

    def step(run):
        next(run, None)
        # The moment at which an order is accepted is the one at which it has to be paid for.
        for order in store.all():
            if order.status is Status.ACCEPTED:
                prices.setdefault(event_of(None, order).key, menu.amount(order.items))

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


def test_what_cannot_be_reached_is_an_error_and_no_outcome(workflow, store, payments, monkeypatch):
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
