import json

import pytest

from lambdas import update_order
from lambdas.orders.models import Status
from tests.lambdas.builders import ANN, BOB, SAM, an_order, order_event


@pytest.fixture
def patch(call):
    def send(body, caller=SAM, order=None):
        answer = call(update_order, order_event("PATCH", order or an_order("7"), caller, body=body))
        return answer["statusCode"], json.loads(answer["body"])

    return send


def test_staff_move_an_order_along(patch, store, clock):
    store.insert(an_order("7"))

    answers = [patch({"status": status}) for status in ("accepted", "ready", "filled")]

    assert [(code, order["status"], order["staff"]) for code, order in answers] == [
        (200, "accepted", "sam"),
        (200, "ready", "sam"),
        (200, "filled", "sam"),
    ]
    assert answers[-1][1]["_filledAt"] == clock.now


def test_staff_may_say_when_the_order_was_filled(patch, store):
    store.insert(an_order("7", status=Status.READY))

    assert patch({"status": "filled", "_filledAt": 1234})[1]["_filledAt"] == 1234


def test_a_customer_cancels(patch, store):
    store.insert(an_order("7"))

    code, order = patch({"status": "cancelled"}, ANN)

    assert (code, order["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("caller", "body", "present", "code"),
    [
        pytest.param(SAM, {"status": "filled"}, Status.CREATED, 409, id="a leap"),
        pytest.param(SAM, {"status": "created"}, Status.ACCEPTED, 409, id="a move back"),
        pytest.param(SAM, {"status": "ready"}, Status.READY, 409, id="no move"),
        pytest.param(ANN, {"status": "cancelled"}, Status.READY, 409, id="cancelled too late"),
        pytest.param(ANN, {"status": "accepted"}, Status.CREATED, 403, id="a customer at the counter"),
        pytest.param(BOB, {"status": "cancelled"}, Status.CREATED, 403, id="somebody else's"),
        pytest.param(SAM, {"status": "eaten"}, Status.CREATED, 400, id="no status"),
        pytest.param(SAM, {}, Status.CREATED, 400, id="nothing"),
        pytest.param(SAM, {"status": "accepted", "items": []}, Status.CREATED, 400, id="an unknown field"),
    ],
)
def test_any_other_move_is_refused(patch, store, caller, body, present, code):
    order = an_order("7", status=present)
    store.insert(order)

    assert patch(body, caller)[0] == code
    assert store.all() == [order]


def test_an_order_that_is_not_there_is_a_problem(patch):
    assert patch({"status": "ready"})[0] == 404


def test_only_the_first_of_two_equal_moves_is_made(patch, store):
    store.insert(an_order("7"))

    assert [patch({"status": "accepted"})[0] for _ in range(2)] == [200, 409]
