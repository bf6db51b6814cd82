import json

import pytest

from lambdas import get_order
from lambdas.orders.models import Status
from tests.lambdas.builders import ANN, BOB, SAM, an_order, order_event

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
    order = an_order("7", revision="r-1")
    store.insert(order)

    answer = call(get_order, order_event("GET", order, headers={"If-None-Match": seen}))

    assert (answer["statusCode"], answer["headers"]["ETag"]) == (status, '"r-1"')
    assert bool(answer["body"]) is (status == 200)
