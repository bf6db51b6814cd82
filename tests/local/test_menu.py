"""The menu, the café's hours, and what an order knows, on the running café."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.cafe.seed import api_client
from tests.local.conftest import eventually
from tests.local.test_cafe import assert_problem

pytestmark = pytest.mark.long

LATTE = {"price": 380, "type": "coffee", "options": [{"name": "Oat", "group": "milk", "price": 50}]}


@pytest.fixture
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture
def latte(cafe, sam):
    """An item on the menu, by its name."""
    path = "menu/Flat%20white"
    assert cafe.api.put(path, json=LATTE, headers=sam).status_code == 201
    yield "Flat white"
    assert cafe.api.delete(path, headers=sam).status_code == 204


@contextlib.contextmanager
def closed(cafe, sam):
    cafe.api.patch("cafe", json={"open": False}, headers=sam).raise_for_status()
    try:
        yield
    finally:
        cafe.api.patch("cafe", json={"open": None}, headers=sam).raise_for_status()


def place(cafe, who, **body):
    return cafe.api.post("orders", json=body, headers=who)


def path_of(order):
    return f"orders/{order['customer']}/{order['id']}"


def test_anyone_reads_the_menu_through_the_cdn_too(cafe, latte):
    direct = cafe.api.get("menu")
    with api_client(cafe.outputs["webappUrl"], cafe.port) as site:
        cached = site.get("dev/menu?v=1")

    assert [direct.status_code, cached.status_code] == [200, 200]
    assert latte in [item["name"] for item in direct.json()["items"]]
    assert direct.json()["currency"] == "EUR"
    again = cafe.api.get("menu", headers={"If-None-Match": direct.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_server_sets_price_type_and_total(cafe, ann, latte):
    item = {"name": f" {latte} ", "qty": 2, "type": "free", "options": ["Oat"], "note": "hot"}

    order = place(cafe, ann, items=[item], pickupName="Ann").json()

    assert order["items"] == [
        {"name": latte, "qty": 2, "type": "coffee", "options": ["Oat"], "note": "hot", "price": 430}
    ]
    assert (order["total"], order["currency"], order["pickupName"]) == (860, "EUR", "Ann")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"items": [{"name": "Unicorn", "qty": 1}]}, "not-on-menu"),
        ({"name": "Unicorn", "quantity": 1}, "not-on-menu"),
        ({"items": [{"name": "Espresso", "qty": 1, "options": ["Glitter"]}]}, "not-on-menu"),
    ],
)
def test_what_is_not_on_the_menu_is_refused_when_an_order_is_placed_or_changed(cafe, ann, body, kind):
    path = path_of(place(cafe, ann, name="Espresso", quantity=1).json())

    for answer in (place(cafe, ann, **body), cafe.api.put(path, json=body, headers=cafe.sign_in("sam"))):
        assert_problem(answer, 400)
        assert answer.json()["type"].endswith(kind)
        assert answer.json()["errors"][0]["field"]


def test_what_is_sold_out_is_refused_and_what_is_stored_is_answered(cafe, ann, sam, latte):
    body = {"id": f"sold-out-{time.time_ns()}", "items": [{"name": latte, "qty": 1}]}
    order = place(cafe, ann, **body).json()
    cafe.api.put("menu/Flat%20white", json={**LATTE, "price": 1, "soldOut": True}, headers=sam).raise_for_status()

    refused = place(cafe, ann, **{**body, "id": body["id"] + "-2"})
    again = place(cafe, ann, **body)

    assert_problem(refused, 409)
    assert refused.json()["type"].endswith("sold-out")
    assert (again.status_code, again.json()["total"]) == (200, order["total"])


def test_customers_cannot_change_the_menu_or_the_hours(cafe, ann):
    for answer in (
        cafe.api.put("menu/Espresso", json={"price": 1}, headers=ann),
        cafe.api.delete("menu/Espresso", headers=ann),
        cafe.api.patch("cafe", json={"open": False}, headers=ann),
    ):
        assert_problem(answer, 403)


def test_a_closed_café_takes_no_orders_and_answers_those_it_has(cafe, ann, sam):
    body = {"id": f"closed-{time.time_ns()}", "name": "Espresso", "quantity": 1}
    order = place(cafe, ann, **body).json()

    with closed(cafe, sam):
        assert cafe.api.get("cafe").json()["open"] is False
        refused = place(cafe, ann, name="Espresso", quantity=1)
        assert_problem(refused, 409)
        assert refused.json()["type"].endswith("closed")
        assert_problem(cafe.api.put(path_of(order), json={"name": "Espresso", "quantity": 2}, headers=sam), 409)
        assert place(cafe, ann, **body).status_code == 200
    assert cafe.api.get("cafe").json()["open"] is True


def test_a_queued_order_that_is_refused_appears_as_cancelled_with_the_reason(cafe, ann):
    queued = cafe.api.post("orders/queued", json={"name": "Unicorn", "quantity": 1}, headers=ann).json()
    id_ = queued["SendMessageResponse"]["SendMessageResult"]["MessageId"]
    mine = {}

    def found():
        mine.update({order["id"]: order for order in cafe.api.get("orders?limit=100", headers=ann).json()})
        return id_ in mine

    eventually(found)
    assert (mine[id_]["status"], mine[id_]["reason"]) == ("cancelled", "`Unicorn` is not on the menu.")
    assert "number" not in mine[id_]


def test_orders_that_are_placed_at_once_have_different_numbers(cafe, ann):
    with ThreadPoolExecutor(200) as guests:
        answers = list(guests.map(lambda _: place(cafe, ann, name="Espresso", quantity=1), range(200)))

    assert [answer.status_code for answer in answers] == [201] * 200
    assert len({answer.json()["number"] for answer in answers}) == 200


def test_an_order_knows_how_long_it_waits(cafe, ann, sam):
    order = place(cafe, ann, name="Espresso", quantity=1).json()
    path = path_of(order)
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")

    answer = cafe.api.get(path, headers=ann)
    assert set(answer.json()["wait"]) == {"ahead", "seconds"}
    assert answer.json()["wait"]["ahead"] >= 0
    # The wait is part of the entity tag, but a change compares only the order itself.
    tag = {"If-Match": answer.headers["ETag"]}
    ready = cafe.api.patch(path, json={"status": "ready"}, headers={**sam, **tag})
    assert ready.status_code == 200
    assert "wait" not in cafe.api.get(path, headers=ann).json()
    eventually(lambda: cafe.api.get("cafe").json()["minutes"] is not None)


def test_a_move_is_taken_back_and_its_bill_goes(cafe, ann, sam):
    order = place(cafe, ann, name="Espresso", quantity=1).json()
    path = path_of(order)
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")

    def move(status):
        return cafe.api.patch(path, json={"status": status}, headers=sam)

    def bills():
        return [it for it in cafe.api.get("invoices?limit=100", headers=sam).json() if it.get("orderId") == order["id"]]

    assert [move(status).status_code for status in ("ready", "filled")] == [200, 200]
    eventually(lambda: [bill["amount"] for bill in bills()] == [order["total"]])
    back = move("ready")
    assert (back.status_code, back.json()["_filledAt"]) == (200, None)
    eventually(lambda: not bills())
    assert move("filled").status_code == 200
    eventually(lambda: len(bills()) == 1)


def test_a_cancellation_says_why(cafe, ann, sam):
    path = path_of(place(cafe, ann, name="Espresso", quantity=1).json())

    assert_problem(cafe.api.patch(path, json={"status": "accepted", "reason": "no"}, headers=sam), 400)
    cafe.api.patch(path, json={"status": "cancelled", "reason": "Out of milk"}, headers=sam).raise_for_status()
    assert cafe.api.get(path, headers=ann).json()["reason"] == "Out of milk"
