"""`/cafe`, from the outside."""

import json

import pytest

from lambdas import manage_cafe
from lambdas.cafe.cafe import Cafes
from lambdas.cafe.opening import Opening
from lambdas.cafe.waiting import Waiting
from tests.lambdas.builders import ANN, SAM, api_event

CLOSED_NOW = "Wed 08:00-09:00"
"""The test's time is a Tuesday."""


@pytest.fixture
def told():
    return []


@pytest.fixture
def send(cafe_table, context, monkeypatch, clock, told):
    def send(method="GET", body=None, caller=SAM, hours=""):
        waiting = Waiting(lambda now: [1, 2, 3], lambda since: [90], clock)
        cafes = Cafes(cafe_table, Opening(hours, "UTC"), waiting, told.append, clock)
        monkeypatch.setattr(manage_cafe, "cafes", lambda: cafes)
        answer = manage_cafe.handler(api_event(method, "/cafe", caller=caller, body=body), context)
        return answer["statusCode"], json.loads(answer["body"]), answer["headers"]

    clock.pass_ms(10_000)
    return send


def test_an_open_café_says_how_long_an_order_takes(send):
    status, cafe, headers = send()

    assert (status, cafe) == (200, {"open": True, "timeZone": "UTC", "waiting": 3, "minutes": 2})
    assert headers["Cache-Control"] == "no-store"


def test_a_closed_café_says_when_it_opens(send):
    cafe = send(hours=CLOSED_NOW)[1]

    assert (cafe["open"], cafe["opensAt"]) == (False, 1_700_035_200_000)
    assert "closesAt" not in cafe


def test_staff_open_and_close_it(send, told):
    assert send("PATCH", {"open": True}, hours=CLOSED_NOW)[1]["open"] is True
    assert send("PATCH", {"open": False})[1] == {"open": False, "timeZone": "UTC", "waiting": 3, "minutes": 2}
    assert send(hours="")[1]["open"] is False
    assert send("PATCH", {"open": None})[1]["open"] is True
    assert told == [True, False, True]


@pytest.mark.parametrize("body", [{}, {"open": 1}, {"open": "true"}, {"open": True, "until": 1}, []])
def test_other_changes_are_refused(send, told, body):
    assert send("PATCH", body)[0] == 400
    assert told == []


def test_customers_cannot_change_it(send, told):
    assert send("PATCH", {"open": False}, caller=ANN)[0] == 403
    assert send()[1]["open"] is True
    assert told == []
