"""`/displays` and `/display`, from the outside."""

import json

import pytest

from lambdas import manage_displays
from lambdas.identity.displays import Displays
from lambdas.orders.models import Status
from tests.lambdas.builders import ANN, CAFE_TABLE, NOON, SAM, an_order, api_event


@pytest.fixture
def send(cafe_table, clients, store, context, monkeypatch):
    displays = Displays(CAFE_TABLE, clients["dynamodb"])
    monkeypatch.setattr(manage_displays, "displays", lambda: displays)
    monkeypatch.setattr(manage_displays, "orders_table", lambda: store)
    monkeypatch.setattr(manage_displays, "now_ms", lambda: NOON)

    def send(method, path, caller=SAM, **more):
        answer = manage_displays.handler(api_event(method, path, caller=caller, **more), context)
        return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]

    send.displays = displays
    return send


def test_staff_add_and_delete_a_display(send):
    status, display, _ = send("POST", "/displays", body={})
    caller = send.displays.caller(display["token"])

    assert (status, set(display)) == (201, {"id", "token"})
    assert send("GET", "/displays")[:2] == (200, [{"id": display["id"]}])
    assert send("GET", "/display", caller)[0] == 200
    assert send("DELETE", "/displays/{id}", parameters={"id": display["id"]})[0] == 204
    assert send("DELETE", "/displays/{id}", parameters={"id": display["id"]})[0] == 404
    assert send("GET", "/display", caller)[0] == 401
    assert send("GET", "/displays")[:2] == (200, [])


def test_customers_do_neither(send):
    assert send("GET", "/displays", ANN)[0] == 403
    assert send("POST", "/displays", ANN, body={})[0] == 403
    assert send("DELETE", "/displays/{id}", ANN, parameters={"id": "7"})[0] == 403
    assert send("GET", "/display", ANN)[0] == 403


@pytest.mark.parametrize("body", ["", "[]", '{"name": "Window"}'])
def test_other_bodies_are_refused(send, body):
    assert send("POST", "/displays", body=body)[0] == 400


def test_it_shows_the_numbers_of_what_is_made_or_ready(send, store):
    store.insert(an_order("1", status=Status.READY, number=7))
    store.insert(an_order("2", status=Status.ACCEPTED, number=12, created_at=NOON - 1, pickup_name="Zoë"))

    status, shown, headers = send("GET", "/display")

    assert (status, shown) == (200, [{"number": 12, "status": "accepted"}, {"number": 7, "status": "ready"}])
    assert send("GET", "/display", headers={"If-None-Match": headers["ETag"]})[0] == 304
    store.insert(an_order("3", status=Status.READY, number=8))
    assert send("GET", "/display", headers={"If-None-Match": headers["ETag"]})[0] == 200
