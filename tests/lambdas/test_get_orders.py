import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from lambdas import get_orders
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import ANN, NOON, SAM, an_order, api_event, orders_of


@pytest.fixture
def get(call):
    def send(caller=ANN, headers=None, **query):
        return call(get_orders, api_event(caller=caller, query=query or None, headers=headers))

    return send


def ids(answer):
    assert answer["statusCode"] == 200, answer
    return [order["id"] for order in json.loads(answer["body"])]


def next_query(answer):
    """The query of the next page from the `Link` header, or `None` on the last page."""
    link = answer["headers"].get("Link")
    if link is None:
        return None
    return dict(parse_qsl(urlsplit(re.fullmatch(r'<(.+)>; rel="next"', link)[1]).query))


def put(store, *orders):
    for order in orders:
        store.insert(order)


def test_an_empty_list(get):
    answer = get()

    assert (answer["statusCode"], answer["body"]) == (200, "[]")
    assert "Link" not in answer["headers"]


def test_an_unchanged_list_is_a_304(get, store):
    put(store, *orders_of(3, "ann"))
    first = get()
    again = get(headers={"If-None-Match": first["headers"]["ETag"]})

    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["ETag"] == first["headers"]["ETag"]


def test_different_lists_have_different_tags(get, store):
    put(store, *orders_of(3, "ann"))
    answers = [get(), get(limit="2"), get(headers={"Accept": "text/html"}), get(caller=SAM, limit="2", customer="ann")]
    store.update("ann", "ann-001", {"status": Status.ACCEPTED, "_revision": "another"}, [Status.CREATED])
    answers.append(get())
    put(store, an_order(customer="ann", id="ann-004"))
    answers.append(get())
    tags = [answer["headers"]["ETag"] for answer in answers]

    # Staff get the same page of a customer's orders as the customer.
    assert len(set(tags)) == 5
    assert tags[1] == tags[3]
    assert get(headers={"If-None-Match": tags[0]})["statusCode"] == 200


def test_customers_get_their_own_orders_newest_first(get, store):
    put(store, *orders_of(3, "ann"), *orders_of(3, "bob"))

    assert ids(get()) == ["ann-003", "ann-002", "ann-001"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["bob-002", "ann-002", "bob-001", "ann-001"]),
        ({"customer": "ann"}, ["ann-002", "ann-001"]),
        ({"customer": "nobody"}, []),
        ({"status": "ready"}, []),
        ({"status": "created", "customer": "bob"}, ["bob-002", "bob-001"]),
    ],
    ids=str,
)
def test_staff_get_everyones_orders(get, store, query, found):
    put(store, *orders_of(2, "ann"), *orders_of(2, "bob", start=NOON + 500))

    assert ids(get(SAM, **query)) == found


def test_customers_do_not_get_another_customers_orders(get, store):
    put(store, *orders_of(2, "bob"))

    answer = get(customer="bob")

    assert answer["statusCode"] == 403
    assert "bob" not in answer["body"]


def test_a_page_has_25_orders_and_links_to_the_next(get, store):
    put(store, *orders_of(26))

    first = get()

    assert len(ids(first)) == 25
    assert ids(get(**next_query(first))) == ["ann-001"]


@pytest.mark.parametrize("caller", [ANN, SAM], ids=["own", "everyone's"])
@pytest.mark.parametrize("limit", ["1", "3", "4", "100"])
def test_following_the_links_visits_every_order_once(get, store, caller, limit):
    orders = orders_of(8)
    put(store, *orders)

    seen, query = [], {"limit": limit, "status": "created"}
    while query is not None:
        answer = get(caller, **query)
        seen += ids(answer)
        query = next_query(answer)

    assert seen == [order.id for order in reversed(orders)]


def test_a_staff_members_link_shows_customers_only_their_own_orders(get, store):
    put(store, *orders_of(3, "ann"), *orders_of(3, "bob", start=NOON + 500))
    staffs = next_query(get(SAM, limit="1"))

    assert ids(get(**staffs)) == ["ann-003"]
    assert get(**{**staffs, "customer": "bob"})["statusCode"] == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("limit", "0"), ("limit", "101"), ("limit", "x"), ("status", "eaten"), ("customer", ""), ("cursor", "nonsense")],
)
def test_an_invalid_query_is_refused_with_the_parameter(get, field, value):
    answer = get(**{field: value})

    problem = json.loads(answer["body"])
    assert answer["statusCode"] == 400
    assert [error["field"] for error in problem["errors"]] == [field]


HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("headers", "type"),
    [
        pytest.param(None, "application/json", id="no header"),
        pytest.param({"Accept": "*/*"}, "application/json", id="anything"),
        pytest.param({"Accept": "application/json"}, "application/json", id="JSON"),
        pytest.param({"Content-Type": "application/json"}, "application/json", id="JSON, older client"),
        pytest.param({"Accept": "text/plain"}, "application/json", id="plain text"),
        pytest.param({"Accept": "text/html"}, HTML, id="HTML"),
        pytest.param({"accept": "text/html"}, HTML, id="HTML, lowercase header"),
        pytest.param({"Accept": "TEXT/HTML"}, HTML, id="HTML, uppercase"),
        pytest.param({"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}, HTML, id="HTML, browser"),
        pytest.param({"Content-Type": "text/html"}, HTML, id="HTML, older client"),
        pytest.param({"content-type": "Text/HTML"}, HTML, id="HTML, older client, mixed case"),
        pytest.param({"Content-Type": "text/html; charset=utf-8"}, HTML, id="HTML, older client with charset"),
    ],
)
def test_the_client_chooses_between_json_and_html(get, store, headers, type):
    put(store, an_order("7", items=[Item("Espresso", 2, "hot", price=0)]))

    answer = get(headers=headers)

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, type)
    assert answer["headers"]["Vary"] == "Accept, Content-Type"
    assert answer["body"].startswith("<caffe-order-history-item " if type == HTML else "[{")


def test_html_contains_the_orders_and_links_to_the_next_page(get, store):
    put(
        store,
        an_order("6", created_at=NOON - 1),
        an_order("7", status=Status.READY, items=[Item('<b>"Espresso"</b>', 2, "hot", price=0)]),
    )

    answer = get(headers={"Accept": "text/html"}, limit="1")

    assert answer["body"] == (
        '<caffe-order-history-item customer="ann" id="7" status="ready">'
        '<caffe-cart-item name="&lt;b&gt;&quot;Espresso&quot;&lt;/b&gt;" type="hot" qty="2" editable="false">'
        "</caffe-cart-item></caffe-order-history-item>"
    )
    assert ids(get(**next_query(answer))) == ["6"]


def test_a_problem_is_never_html(get):
    answer = get(headers={"Accept": "text/html"}, limit="0")

    assert answer["headers"]["Content-Type"] == "application/problem+json"
