"""The order workflow's functions, each of which is one step."""

import pytest

from lambdas import cancel_order, check_order, confirm_order, refund_payment, take_payment
from lambdas.orders.models import Status
from lambdas.orders.workflow import Workflow
from tests.lambdas.builders import an_order, an_order_placed, placed_body
from tests.lambdas.fakes import FakePayments

TASK = {"order": placed_body(), "amount": 690, "revision": "r1"}


@pytest.fixture
def payments():
    return FakePayments()


@pytest.fixture
def run(orders, payments, context, monkeypatch):
    """Call a step's handler."""

    def call(module):
        monkeypatch.setattr(module, "workflow", lambda: Workflow(orders, payments))
        return module.handler(TASK, context)

    return call


def statuses(store):
    return [order.status for order in store.all()]


def test_checking_returns_the_amount(run, store):
    store.insert(an_order("7", revision="r1", total=440))

    answer = run(check_order)

    assert (answer["outcome"], answer["amount"], answer["revision"]) == ("good", 440, "r1")


def test_paying_charges_the_given_amount(run, payments):
    assert run(take_payment)["outcome"] == "paid"
    assert payments.amounts == {an_order_placed().key: 690}


def test_confirming_accepts_the_order(run, store):
    store.insert(an_order("7", revision="r1"))

    assert run(confirm_order)["outcome"] == "accepted"
    assert statuses(store) == [Status.ACCEPTED]


def test_confirming_does_not_accept_an_order_that_changed_after_payment(run, store, logs):
    store.insert(an_order("7", revision="r2"))

    assert run(confirm_order)["outcome"] == "gone"
    assert statuses(store) == [Status.CREATED]
    assert logs.metrics() == []


def test_refunding_refunds_the_payment(run, payments):
    run(take_payment)

    assert run(refund_payment)["outcome"] == "refunded"
    assert payments.amounts == {an_order_placed().key: 0}


def test_cancelling_cancels_the_order(run, store):
    store.insert(an_order("7", revision="r1"))

    assert run(cancel_order)["outcome"] == "cancelled"
    assert statuses(store) == [Status.CANCELLED]


@pytest.mark.parametrize(
    ("module", "outcomes"),
    [
        (check_order, ["good", "good"]),
        (take_payment, ["paid", "paid"]),
        (confirm_order, ["accepted", "accepted"]),
        (refund_payment, ["nothing to refund", "nothing to refund"]),
        (cancel_order, ["cancelled", "left"]),
    ],
)
def test_steps_are_idempotent(run, store, payments, module, outcomes):
    store.insert(an_order("7", revision="r1"))
    first = run(module)["outcome"]
    after_one = store.all(), dict(payments.amounts)

    assert [first, run(module)["outcome"]] == outcomes
    assert (store.all(), payments.amounts) == after_one


class TestAcceptance:
    def test_is_measured_with_the_waiting_time(self, run, store, clock, logs):
        store.insert(an_order("7", revision="r1"))
        clock.pass_ms(5000)

        run(confirm_order)

        metrics = {name: line[name] for line in logs.metrics() for name in line if name[0].isupper()}
        assert metrics == {"OrdersAccepted": [1.0], "TimeToAccept": [5000.0]}

    def test_is_measured_once(self, run, store, logs):
        store.insert(an_order("7", revision="r1"))

        run(confirm_order)
        run(confirm_order)

        assert logs.counts() == {"OrdersAccepted": 1, "TimeToAccept": 1}

    def test_without_acceptance_nothing_is_measured(self, run, store, logs):
        store.insert(an_order("7", revision="r1", status=Status.CANCELLED))

        assert run(confirm_order)["outcome"] == "gone"
        assert logs.metrics() == []
