"""The calls of the two older clients.

One sends `{id, customer, items}` with a raw token. The other sends `{name, restaurantId, quantity}` with a `Bearer`
token, asks for lists as HTML, and sends fields that only the server sets.
"""

import secrets
import time

import httpx
import pytest

from lambdas.orders.models import Status
from tests.local.cafe.test_load import table_of
from tests.local.conftest import TIMEOUT_SECONDS, eventually, running_cafe
from tests.local.test_cafe import assert_problem
from tests.local.test_sign_in import HostedPages, code_in

pytestmark = pytest.mark.long

FILLED_AT = 1_234_567_890_123


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A café that takes orders of anything, as these clients expect."""
    with running_cafe(tmp_path_factory.mktemp("older"), "menuOnly=false") as cafe:
        yield cafe


def as_sent(items):
    """Items without the prices that the server adds."""
    return [{name: value for name, value in item.items() if name != "price"} for item in items]


class Client:
    """An older client with a user's token, in the client's own header format."""

    def __init__(self, cafe, name, form):
        pool = cafe.outputs["userPoolId"]
        user = cafe.aws.client("cognito-idp").admin_get_user(UserPoolId=pool, Username=f"{name}@example.com")
        self.name = user["Username"]
        token = cafe.sign_in(name)["Authorization"].removeprefix("Bearer ")
        self.headers = {"Authorization": form.format(token)}
        self._api = cafe.api

    def call(self, method, path, **more):
        headers = {**self.headers, **more.pop("headers", {})}
        return self._api.request(method, path, headers=headers, **more)

    def place(self, body=None):
        """Place an order. Returns its path."""
        placed = self.call("POST", "orders", json=body or {"name": "Espresso", "quantity": 1})
        assert placed.status_code == 201, placed.text
        return f"orders/{placed.json()['customer']}/{placed.json()['id']}"


FORMS = {"raw": "{}", "bearer": "Bearer {}"}


@pytest.fixture(scope="module", params=FORMS.values(), ids=FORMS)
def ann(cafe, request):
    return Client(cafe, "ann", request.param)


@pytest.fixture(scope="module")
def sam(cafe):
    return Client(cafe, "sam", FORMS["raw"])


def accepted(client, path):
    """Wait until the kitchen has accepted the order."""
    eventually(lambda: client.call("GET", path).json()["status"] == "accepted")
    return path


@pytest.fixture
def waiting(cafe, ann):
    """An order that stays in `created`: the kitchen has already processed it."""
    path = accepted(ann, ann.place())
    _, customer, id_ = path.split("/")
    table_of(cafe).update(customer, id_, {"status": Status.CREATED}, {Status.ACCEPTED})
    return path


ITEMS = [{"name": "Espresso", "type": "coffee", "qty": 2}, {"name": "Croissant", "type": "bakery", "qty": 1}]

POSTS = [
    pytest.param({"items": ITEMS}, ITEMS, None, id="items"),
    pytest.param({"items": [{"name": "Tea", "qty": 1}]}, [{"name": "Tea", "type": "", "qty": 1}], None, id="no type"),
    pytest.param(
        {"name": "Muffin", "restaurantId": "r-7", "quantity": 3},
        [{"name": "Muffin", "type": "", "qty": 3}],
        "r-7",
        id="short form",
    ),
    pytest.param(
        {"name": "Muffin", "restaurantId": 7, "quantity": 3},
        [{"name": "Muffin", "type": "", "qty": 3}],
        7,
        id="short form, restaurant as a number",
    ),
]


@pytest.mark.parametrize(("body", "items", "restaurant"), POSTS)
def test_an_order_is_placed_under_the_clients_own_id(ann, body, items, restaurant):
    id_ = f"older-{secrets.token_hex(8)}"
    body = {**body, "id": id_, "customer": ann.name}

    placed = ann.call("POST", "orders", json=body)
    again = ann.call("POST", "orders", json=body)

    assert (placed.status_code, again.status_code) == (201, 200)
    assert placed.json()["id"] == again.json()["id"] == id_
    assert placed.json()["customer"] == ann.name
    assert as_sent(placed.json()["items"]) == items
    assert placed.json().get("restaurantId") == restaurant
    assert placed.headers["Location"].endswith(f"/orders/{ann.name}/{id_}")
    assert as_sent(ann.call("GET", f"orders/{ann.name}/{id_}").json()["items"]) == items


def test_an_order_for_another_customer_is_refused(cafe, ann):
    bob = Client(cafe, "bob", FORMS["raw"])

    assert_problem(ann.call("POST", "orders", json={"id": "x", "customer": bob.name, "items": ITEMS}), 403)


@pytest.mark.parametrize(
    "owned",
    [
        {"status": "filled"},
        {"status": "no such status"},
        {"staff": "somebody"},
        {"_createdAt": 1},
        {"_createdAt": "yesterday"},
        {"_filledAt": FILLED_AT},
        {"_expireOn": 1},
        {"status": "filled", "staff": "x", "_createdAt": 1.5, "_filledAt": FILLED_AT, "_expireOn": 1},
        {"status": None, "staff": None, "_createdAt": None, "_filledAt": None, "_expireOn": None},
    ],
    ids=str,
)
def test_server_owned_fields_in_a_body_are_ignored(ann, owned):
    now_ms = time.time() * 1000

    placed = ann.call("POST", "orders", json={"name": "Espresso", "quantity": 1, **owned})

    assert placed.status_code == 201, placed.text
    order = placed.json()
    assert (order["status"], order["_filledAt"]) == ("created", None)
    assert "staff" not in order
    assert abs(order["_createdAt"] - now_ms) < 60_000
    assert order["_expireOn"] > now_ms / 1000


def test_staff_moves_an_order_and_sets_the_filled_time(ann, sam):
    path = accepted(ann, ann.place())
    moves = [
        # body, response status, then the order's status and _filledAt
        ({"status": "filled", "_filledAt": FILLED_AT}, 409, "accepted", None),
        ({"status": "ready", "_filledAt": FILLED_AT}, 200, "ready", None),
        ({"status": "ready", "_filledAt": None}, 409, "ready", None),
        ({"status": "cancelled"}, 409, "ready", None),
        ({"status": "filled", "_filledAt": FILLED_AT}, 200, "filled", FILLED_AT),
        ({"status": "filled", "_filledAt": FILLED_AT + 1}, 409, "filled", FILLED_AT),
        ({"status": "created"}, 409, "filled", FILLED_AT),
    ]

    for body, answer_status, status, filled_at in moves:
        answer = sam.call("PATCH", path, json=body)
        assert answer.status_code == answer_status, body
        order = ann.call("GET", path).json()
        assert (order["status"], order["_filledAt"]) == (status, filled_at)
    assert order["staff"] == sam.name


def test_the_filled_time_defaults_to_the_servers_clock(ann, sam):
    path = accepted(ann, ann.place())
    assert sam.call("PATCH", path, json={"status": "ready"}).status_code == 200

    filled = sam.call("PATCH", path, json={"status": "filled", "_filledAt": None})

    assert filled.status_code == 200
    assert abs(filled.json()["_filledAt"] - time.time() * 1000) < 60_000


def test_a_customer_can_only_cancel_an_order(ann):
    path = accepted(ann, ann.place())

    for status in ("accepted", "ready", "filled"):
        assert_problem(ann.call("PATCH", path, json={"status": status, "_filledAt": FILLED_AT}), 403)
    cancelled = ann.call("PATCH", path, json={"status": "cancelled"})
    assert (cancelled.status_code, cancelled.json()["_filledAt"]) == (200, None)


@pytest.mark.parametrize(
    "asked",
    [
        {"Accept": "text/html"},
        {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"},
        {"Content-Type": "text/html"},
        {"Content-Type": "text/html; charset=UTF-8"},
        {"Content-Type": "TEXT/HTML"},
        {"Content-Type": "text/html", "Accept": "*/*"},
    ],
    ids=str,
)
def test_a_list_is_html_on_request(ann, asked):
    path = accepted(ann, ann.place({"items": [{"name": '"Fish" & <b>chips</b>\'', "type": "<hot>", "qty": 2}]}))
    _, customer, id_ = path.split("/")

    answer = ann.call("GET", "orders", headers=asked)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith(
        f'<caffe-order-history-item customer="{customer}" id="{id_}" status="accepted">'
        '<caffe-cart-item name="&quot;Fish&quot; &amp; &lt;b&gt;chips&lt;/b&gt;&#x27;" type="&lt;hot&gt;" qty="2"'
        ' editable="false"></caffe-cart-item>'
        "</caffe-order-history-item>"
    )


@pytest.mark.parametrize("asked", [{}, {"Accept": "application/json"}, {"Content-Type": "application/json"}], ids=str)
def test_a_list_is_json_otherwise(ann, asked):
    answer = ann.call("GET", "orders", headers=asked)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert isinstance(answer.json(), list)


@pytest.mark.parametrize(
    ("body", "items"),
    [
        ({"items": ITEMS}, ITEMS),
        ({"name": "Muffin", "quantity": 2}, [{"name": "Muffin", "type": "", "qty": 2}]),
        ({"name": "Muffin", "quantity": 2, "restaurantId": 9}, [{"name": "Muffin", "type": "", "qty": 2}]),
    ],
    ids=["items", "short form", "short form with a restaurant"],
)
def test_a_created_order_can_be_changed(ann, waiting, body, items):
    changed = ann.call("PUT", waiting, json=body)

    assert (changed.status_code, as_sent(changed.json()["items"])) == (200, items)
    assert changed.json().get("restaurantId") == body.get("restaurantId")
    assert ann.call("GET", waiting).json().items() >= changed.json().items()


def test_an_accepted_order_can_be_changed_only_by_staff(ann, sam):
    path = accepted(ann, ann.place())

    assert_problem(ann.call("PUT", path, json={"items": ITEMS}), 409)
    assert as_sent(sam.call("PUT", path, json={"items": ITEMS}).json()["items"]) == ITEMS


@pytest.mark.parametrize("body", [{"items": []}, {"items": ITEMS, "status": "filled"}, {"name": "Muffin"}, {}], ids=str)
def test_an_invalid_change_is_refused(ann, waiting, body):
    assert_problem(ann.call("PUT", waiting, json=body), 400)


def test_a_missing_order_is_a_404(ann, sam):
    assert_problem(ann.call("PUT", f"orders/{ann.name}/not-there", json={"items": ITEMS}), 404)
    assert_problem(sam.call("PATCH", f"orders/{ann.name}/not-there", json={"status": "ready"}), 404)


@pytest.fixture(scope="module")
def deleting_token(cafe):
    """ann's token with the delete scope, from the hosted sign-in pages."""
    with httpx.Client(base_url=f"http://127.0.0.1:{cafe.port}", timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        pages = HostedPages(cafe, client)
        code = code_in(pages.code("openid order-api/delete_order"))
        return pages.tokens(code).json()["access_token"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_deleting_an_order_requires_the_scope(cafe, ann, deleting_token, form):
    path = ann.place()
    headers = {"Authorization": form.format(deleting_token)}

    without = ann.call("DELETE", path)
    deleted = cafe.api.delete(path, headers=headers)
    again = cafe.api.delete(path, headers=headers)

    assert_problem(without, 403)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_problem(again, 404)
    assert_problem(ann.call("GET", path), 404)


def test_the_scope_does_not_grant_access_to_other_customers_orders(cafe, deleting_token):
    bob = Client(cafe, "bob", FORMS["bearer"])
    path = bob.place()

    assert_problem(cafe.api.delete(path, headers={"Authorization": deleting_token}), 403)
    assert bob.call("GET", path).status_code == 200
