import json
from urllib.parse import unquote

import pytest

from lambdas import create_order, get_order
from lambdas.orders.models import Item, Status
from lambdas.runtime.caller import Caller
from tests.lambdas.builders import ANN, SAM, an_order, api_event

BODY = {"id": "7", "items": [{"name": "Espresso", "type": "hot", "qty": 2}], "restaurantId": "r1"}


@pytest.fixture
def post(call):
    def send(body, caller=ANN, **more):
        answer = call(create_order, api_event("POST", caller=caller, body=body, **more))
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    return send


def test_a_new_order_is_created(post, store, clock):
    status, order, headers = post(BODY)

    assert status == 201
    assert headers["Location"] == "/dev/orders/ann/7"
    assert order == {
        "id": "7",
        "customer": "ann",
        "status": "created",
        "items": [{"name": "Espresso", "qty": 2, "type": "hot", "price": 0}],
        "total": 0,
        "currency": "EUR",
        "restaurantId": "r1",
        "_createdAt": clock.now,
        "_updatedAt": clock.now,
        "_filledAt": None,
        "_expireOn": clock.now // 1000 + 30 * 24 * 60 * 60,
    }
    assert [stored.items for stored in store.all()] == [[Item("Espresso", 2, "hot", price=0)]]


def test_a_repeated_order_is_returned_without_a_write(post, store, clock):
    _, first, _ = post(BODY)
    clock.pass_ms(60_000)

    status, again, headers = post(BODY)

    assert (status, again) == (200, first)
    assert headers["Location"] == "/dev/orders/ann/7"
    assert store.writes == 1


def test_a_different_order_with_the_same_id_is_a_conflict(post, store):
    post(BODY)

    status, problem, headers = post({**BODY, "items": [{"name": "Muffin", "qty": 1}]})

    assert (status, problem["status"]) == (409, 409)
    assert headers["Content-Type"] == "application/problem+json"
    assert "Location" not in headers
    assert store.writes == 1


def test_the_short_form_is_equivalent_to_items(post, store):
    assert post({"id": "7", "name": "Muffin", "quantity": 2})[0] == 201
    assert post({"id": "7", "items": [{"name": "Muffin", "qty": 2}]})[0] == 200
    assert store.writes == 1


@pytest.mark.parametrize("restaurant", ["7", 7], ids=["text", "number"])
def test_the_restaurant_keeps_its_type(post, restaurant):
    assert post({**BODY, "restaurantId": restaurant})[1]["restaurantId"] == restaurant


def test_an_older_clients_order_is_accepted(post):
    older = {"status": "filled", "staff": "ann", "_createdAt": 1, "_filledAt": 2, "_expireOn": 3, "customer": "ann"}

    status, order, _ = post({**BODY, **older})

    assert (status, order["status"], order["_filledAt"]) == (201, "created", None)
    assert "staff" not in order
    assert order["_createdAt"] > 3


def test_an_order_without_an_id_gets_one(post):
    _, order, headers = post({"name": "Muffin", "quantity": 1})

    assert headers["Location"] == f"/dev/orders/ann/{order['id']}"


@pytest.mark.parametrize(
    ("caller", "status"),
    [pytest.param(ANN, 403, id="by a customer"), pytest.param(SAM, 201, id="by staff")],
)
def test_only_staff_can_order_for_another_customer(post, store, caller, status):
    assert post({**BODY, "customer": "bob"}, caller)[0] == status
    assert [order.customer for order in store.all()] == (["bob"] if status == 201 else [])


@pytest.mark.parametrize("name", ["ann@example.com", "a/b", "\u00e9 \u6292", "50%", "<ann>"])
def test_the_location_points_to_the_order_for_any_name(post, call, name):
    _, order, headers = post(BODY, Caller(name))

    _, _, customer, id_ = headers["Location"].removeprefix("/").split("/")
    assert headers["Location"].isascii()
    event = api_event(caller=Caller(name), parameters={"customer": unquote(customer), "id": unquote(id_)})
    found = json.loads(call(get_order, event)["body"])
    assert found.pop("wait")
    assert found == order


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**BODY, "items": []}, "items"),
        ({**BODY, "items": [{"name": "Espresso", "qty": 100}]}, "items[0].qty"),
        ({**BODY, "id": "a b"}, "id"),
        ({**BODY, "discount": 1}, "body"),
    ],
    ids=["no items", "too many", "an invalid id", "an unknown field"],
)
def test_an_invalid_order_is_refused_with_the_field(post, store, body, field):
    status, problem, _ = post(body)

    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])
    assert store.all() == []


def test_only_new_orders_are_counted(post, logs):
    post(BODY)
    post(BODY)
    post({**BODY, "items": [{"name": "Muffin", "qty": 1}]})

    assert logs.counts() == {"OrdersCreated": 1, "Refusals": 1, ("Refusals", "conflict"): 1}


def test_an_order_stores_the_correlation_id(post, store):
    post(BODY)

    assert [order.correlation_id for order in store.all()] == ["request-1"]


def test_a_repeated_order_that_has_moved_on_is_returned(post, store):
    store.insert(an_order("7", items=[Item("Espresso", 2, "hot", price=0)], restaurant_id="r1", status=Status.READY))

    status, order, _ = post(BODY)

    assert (status, order["status"]) == (200, "ready")
