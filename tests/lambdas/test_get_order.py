import json

import pytest

from lambdas import get_order, update_order
from lambdas.orders.models import Status
from tests.lambdas.builders import ANN, BOB, NOON, SAM, an_order, order_event

ORDER = an_order("7", status=Status.READY, staff="sam")


@pytest.mark.parametrize("caller", [ANN, SAM], ids=["own", "staff"])
def test_an_order_is_returned(call, store, caller):
    store.insert(ORDER)

    answer = call(get_order, order_event("GET", ORDER, caller))

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "application/json"
    assert json.loads(answer["body"])["staff"] == "sam"


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        pytest.param(ANN, 404, id="own"),
        pytest.param(SAM, 404, id="staff"),
        pytest.param(BOB, 403, id="another customer's"),
    ],
)
def test_a_missing_order_is_a_problem(call, caller, status):
    answer = call(get_order, order_event("GET", ORDER, caller))

    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (status, status)


def test_another_customers_order_is_not_revealed(call, store):
    missing = call(get_order, order_event("GET", ORDER, BOB))
    store.insert(ORDER)

    assert call(get_order, order_event("GET", ORDER, BOB)) == missing


@pytest.mark.parametrize(("seen", "status"), [('"r-1"', 304), ('"r-0"', 200)], ids=["current", "outdated"])
def test_an_unchanged_order_is_a_304(call, store, seen, status):
    order = an_order("7", revision="r-1", status=Status.READY)
    store.insert(order)

    answer = call(get_order, order_event("GET", order, headers={"If-None-Match": seen}))

    assert (answer["statusCode"], answer["headers"]["ETag"]) == (status, '"r-1"')
    assert bool(answer["body"]) is (status == 200)


def test_an_order_that_is_being_made_says_how_long_it_takes(call, store):
    store.insert(an_order("6", created_at=NOON - 1))
    order = an_order("7", revision="r-1")
    store.insert(order)

    answer = call(get_order, order_event("GET", order))

    assert json.loads(answer["body"])["wait"] == {"ahead": 1, "seconds": 60}
    assert answer["headers"]["ETag"] == '"r-1.1-60"'
    again = call(get_order, order_event("GET", order, headers={"If-None-Match": '"r-1.1-60"'}))
    assert (again["statusCode"], again["headers"]["ETag"]) == (304, '"r-1.1-60"')


@pytest.mark.parametrize("tag", ['"r-1"', '"r-1.1-60"', '"r-1.9-"'])
def test_the_wait_is_no_part_of_what_if_match_compares(call, store, tag):
    order = an_order("7", revision="r-1")
    store.insert(order)

    event = order_event("PATCH", order, SAM, body={"status": "accepted"}, headers={"If-Match": tag})

    assert call(update_order, event)["statusCode"] == 200
