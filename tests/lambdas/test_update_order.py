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


def test_staff_move_an_order(patch, store, clock):
    store.insert(an_order("7"))

    answers = [patch({"status": status}) for status in ("accepted", "ready", "filled")]

    assert [(code, order["status"], order["staff"]) for code, order in answers] == [
        (200, "accepted", "sam"),
        (200, "ready", "sam"),
        (200, "filled", "sam"),
    ]
    assert answers[-1][1]["_filledAt"] == clock.now


def test_staff_can_set_the_fill_time(patch, store):
    store.insert(an_order("7", status=Status.READY))

    assert patch({"status": "filled", "_filledAt": 1234})[1]["_filledAt"] == 1234


def test_a_customer_can_cancel(patch, store):
    store.insert(an_order("7"))

    code, order = patch({"status": "cancelled"}, ANN)

    assert (code, order["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("caller", "body", "present", "code"),
    [
        pytest.param(SAM, {"status": "filled"}, Status.CREATED, 409, id="a skipped status"),
        pytest.param(SAM, {"status": "created"}, Status.ACCEPTED, 409, id="a move backward"),
        pytest.param(SAM, {"status": "ready"}, Status.READY, 409, id="no move"),
        pytest.param(ANN, {"status": "cancelled"}, Status.READY, 409, id="cancelled too late"),
        pytest.param(ANN, {"status": "accepted"}, Status.CREATED, 403, id="a staff move by a customer"),
        pytest.param(BOB, {"status": "cancelled"}, Status.CREATED, 403, id="another customer's"),
        pytest.param(SAM, {"status": "eaten"}, Status.CREATED, 400, id="an unknown status"),
        pytest.param(SAM, {}, Status.CREATED, 400, id="empty"),
        pytest.param(SAM, {"status": "accepted", "items": []}, Status.CREATED, 400, id="an unknown field"),
    ],
)
def test_other_moves_are_refused(patch, store, caller, body, present, code):
    order = an_order("7", status=present)
    store.insert(order)

    assert patch(body, caller)[0] == code
    assert store.all() == [order]


def test_a_missing_order_is_a_404(patch):
    assert patch({"status": "ready"})[0] == 404


def test_a_repeated_move_is_a_conflict(patch, store):
    store.insert(an_order("7"))

    assert [patch({"status": "accepted"})[0] for _ in range(2)] == [200, 409]
