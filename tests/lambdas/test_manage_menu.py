"""`/menu`, from the outside."""

import json

import pytest

from lambdas import manage_menu
from lambdas.cafe.menu import Menus
from tests.lambdas.builders import ANN, SAM, api_event

TEA = {"type": "tea", "price": 290, "soldOut": False, "options": [{"name": "Honey", "group": "sweet", "price": 30}]}


@pytest.fixture
def send(cafe_table, context, monkeypatch):
    """Send a request. Returns status, body and headers."""
    menus = Menus(cafe_table, "EUR", 7)
    monkeypatch.setattr(manage_menu, "menus", lambda: menus)

    def send(method, name=None, body=None, caller=SAM, query=None, **headers):
        parameters = {} if name is None else {"name": name}
        path = "/menu" if name is None else "/menu/{name}"
        event = api_event(method, path, caller=caller, body=body, query=query, parameters=parameters, headers=headers)
        answer = manage_menu.handler(event, context)
        return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]

    return send


def test_the_menu_is_for_everyone_and_cached(send):
    send("PUT", "Mint%20tea", TEA)

    status, menu, headers = send("GET")

    assert (status, menu) == (200, {"currency": "EUR", "taxPercent": 7, "items": [{"name": "Mint tea", **TEA}]})
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    status, nothing, again = send("GET", **{"If-None-Match": headers["ETag"]})
    assert (status, nothing, again["ETag"]) == (304, None, headers["ETag"])
    assert again["Cache-Control"] == headers["Cache-Control"]


def test_a_version_is_cached_only_as_itself(send):
    tag = send("GET")[2]["ETag"]

    for version, cached in ((tag, True), (tag.strip('"'), True), ("another", False), ("", False)):
        assert (send("GET", query={"v": version})[2]["Cache-Control"] != "no-store") is cached


def test_an_item_is_added_replaced_and_deleted(send):
    created, item, headers = send("PUT", "Tea", TEA)
    assert (created, item) == (201, {"name": "Tea", **TEA})

    assert send("PUT", "Tea", {"price": 1}, **{"If-Match": headers["ETag"]})[:2] == (
        200,
        {"name": "Tea", "type": "", "price": 1, "soldOut": False, "options": []},
    )
    assert send("PUT", "Tea", TEA, **{"If-Match": headers["ETag"]})[0] == 412
    assert send("DELETE", "Tea")[:2] == (204, None)
    assert send("DELETE", "Tea")[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "body", id="no price"),
        pytest.param({"price": -1}, "price", id="a negative price"),
        pytest.param({"price": 1_000_001}, "price", id="a price above the limit"),
        pytest.param({"price": 2.5}, "price", id="a fraction"),
        pytest.param({"price": "290"}, "price", id="text"),
        pytest.param({"price": True}, "price", id="a boolean"),
        pytest.param({"price": 1, "name": "Tea"}, "body", id="a name"),
        pytest.param({"price": 1, "colour": "red"}, "body", id="an unknown field"),
        pytest.param(
            {"price": 1, "options": [{"name": "x", "group": "y", "price": -1}]}, "options[0].price", id="option"
        ),
        pytest.param({"price": 1, "options": [{"name": "x", "group": "y"}] * 2}, "body", id="equal options"),
        pytest.param({"price": 1, "options": [{"name": "x"}]}, "options[0]", id="no group"),
        pytest.param({"price": 1, "picture": "https://elsewhere.example/x.png"}, "picture", id="a picture elsewhere"),
    ],
)
def test_an_invalid_item_is_refused_by_field(send, body, field):
    status, problem, _ = send("PUT", "Tea", body)

    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])
    assert send("GET")[1]["items"] == []


@pytest.mark.parametrize("price", [0, 1_000_000])
def test_the_extreme_prices_are_allowed(send, price):
    assert send("PUT", "Tea", {"price": price})[0] == 201


@pytest.mark.parametrize("name", ["%20", "%E2%80%8B", "a" * 101])
def test_a_name_that_no_item_can_have_is_not_found(send, name):
    assert send("PUT", name, TEA)[0] == 404


def test_a_name_is_normalized(send):
    send("PUT", "Cafe%CC%81%20", TEA)

    assert [item["name"] for item in send("GET")[1]["items"]] == ["Caf\u00e9"]


def test_customers_cannot_change_the_menu(send):
    assert send("PUT", "Tea", TEA, caller=ANN)[0] == 403
    assert send("DELETE", "Tea", caller=ANN)[0] == 403
