import json

import pytest

from lambdas import replace_order
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import ANN, BOB, SAM, an_order, order_event

MUFFINS = {"items": [{"name": "Muffin", "qty": 2}]}


@pytest.fixture
def put(call):
    def send(body, caller=ANN):
        answer = call(replace_order, order_event("PUT", an_order("7"), caller, body=body))
        return answer["statusCode"], json.loads(answer["body"])

    return send


@pytest.mark.parametrize("body", [MUFFINS, {"name": "Muffin", "quantity": 2}], ids=["items", "the short form"])
def test_an_order_is_replaced(put, store, body):
    store.insert(an_order("7", restaurant_id="r1"))

    code, order = put(body)

    assert (code, order["items"]) == (200, [{"name": "Muffin", "qty": 2, "type": "", "price": 0}])
    assert (order["restaurantId"], order["status"]) == ("r1", "created")
    assert store.get("ann", "7").items == [Item("Muffin", 2, price=0)]


@pytest.mark.parametrize(
    ("caller", "body", "present", "code"),
    [
        pytest.param(SAM, MUFFINS, Status.ACCEPTED, 200, id="staff, accepted order"),
        pytest.param(ANN, MUFFINS, Status.ACCEPTED, 409, id="a customer, accepted order"),
        pytest.param(ANN, MUFFINS, Status.CANCELLED, 409, id="a customer, canceled order"),
        pytest.param(BOB, MUFFINS, Status.CREATED, 403, id="another customer's"),
        pytest.param(ANN, {"items": []}, Status.CREATED, 400, id="no items"),
        pytest.param(ANN, {**MUFFINS, "status": "filled"}, Status.CREATED, 400, id="a status"),
        pytest.param(ANN, {**MUFFINS, "id": "8"}, Status.CREATED, 400, id="an id"),
    ],
)
def test_who_can_replace_which_orders(put, store, caller, body, present, code):
    store.insert(an_order("7", status=present))

    assert put(body, caller)[0] == code
    assert store.get("ann", "7").items == [Item("Muffin", 2, price=0) if code == 200 else Item("Espresso", 1, price=0)]


def test_a_missing_order_is_a_404(put, store):
    assert put(MUFFINS)[0] == 404
    assert store.all() == []
