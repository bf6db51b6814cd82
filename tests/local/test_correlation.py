"""One id leads from a request through everything that follows from it: each function's log, and the notification."""

import json

import pytest

from tests.local.conftest import Told, eventually
from tests.local.test_cafe import CAPPUCCINO


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture(scope="module")
def told(cafe):
    return Told(cafe, "correlation")


def logged(cafe, text):
    """The JSON lines of all logs in which a text occurs."""
    logs = cafe.aws.client("logs")
    lines = []
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            found = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for events in found for event in events["events"] if text in event["message"]]
    return [json.loads(line) for line in lines if line.startswith("{")]


def told_of(told, id_, status):
    """The notification of an order's change to a status, when it has come."""
    return eventually(lambda: [c for c in told.changes() if (c["id"], c["status"]) == (id_, status)])[0]


def way(lines):
    """What was logged where."""
    return sorted((line["service"], line["message"]) for line in lines)


def correlation_ids(lines):
    return {line.get("correlation_id") for line in lines}


def place(cafe, headers, told):
    """An order's id, when the customer knows that it is accepted."""
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=headers).json()
    told_of(told, order["id"], "accepted")
    return order["id"], f"orders/{order['customer']}/{order['id']}"


ACCEPTED_WAY = [
    ("accept_order", "accepted"),
    ("create_order", "created"),
    ("publish_changes", "notified the customer"),
    ("publish_changes", "notified the kitchen"),
]


def test_an_order_is_logged_under_its_requests_id_all_the_way_to_the_customer(cafe, ann, told):
    id_, _ = place(cafe, ann, told)
    other, _ = place(cafe, ann, told)
    # A function's lines are there when its call is over, which is after the customer was told.
    eventually(lambda: way(logged(cafe, id_)) == way(logged(cafe, other)) == ACCEPTED_WAY)

    lines, others = logged(cafe, id_), logged(cafe, other)

    [correlation_id] = correlation_ids(lines)
    assert told_of(told, id_, "accepted")["correlationId"] == correlation_id
    # The line that ends the request has no order, and the same id.
    of_the_request = logged(cafe, correlation_id)
    assert way(of_the_request) == sorted([*ACCEPTED_WAY, ("create_order", "answered")])
    assert correlation_ids(of_the_request) == {correlation_id}
    assert not [line for line in of_the_request if other in json.dumps(line)]
    assert correlation_ids(others).isdisjoint({correlation_id, None})


def test_what_staff_do_is_logged_under_their_own_requests_id(cafe, ann, sam, told):
    id_, path = place(cafe, ann, told)
    placed = told_of(told, id_, "accepted")["correlationId"]

    assert cafe.api.patch(path, json={"status": "ready"}, headers=sam).status_code == 200

    moved = told_of(told, id_, "ready")["correlationId"]
    assert moved != placed
    expected = [("publish_changes", "notified the customer"), ("update_order", "answered")]
    lines = eventually(lambda: found if way(found := logged(cafe, moved)) == expected else None)
    assert correlation_ids(lines) == {moved}
    assert [line["order"] for line in lines if "order" in line] == [id_]
    # All that is ever said of the order is said under one of the two.
    assert correlation_ids(logged(cafe, id_)) == {placed, moved}


def test_a_queued_order_is_logged_under_one_id_as_well(cafe, ann, told):
    queued = cafe.api.post("orders/queued", json=CAPPUCCINO, headers=ann).json()
    id_ = queued["SendMessageResponse"]["SendMessageResult"]["MessageId"]
    correlation_id = told_of(told, id_, "accepted")["correlationId"]
    expected = sorted([("create_queued_order", "created"), *ACCEPTED_WAY[:1], *ACCEPTED_WAY[2:]])

    lines = eventually(lambda: found if way(found := logged(cafe, id_)) == expected else None)

    assert correlation_ids(lines) == {correlation_id} != {""}
