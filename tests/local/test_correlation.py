"""One correlation id links a request to each function's log lines and the notification."""

import json

import pytest

from tests.local.conftest import Subscriber, eventually
from tests.local.test_cafe import CAPPUCCINO


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


@pytest.fixture(scope="module")
def subscriber(cafe):
    return Subscriber(cafe, "correlation")


def logged(cafe, text):
    """The JSON lines of all logs that contain a text."""
    logs = cafe.aws.client("logs")
    lines = []
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            found = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for events in found for event in events["events"] if text in event["message"]]
    return [json.loads(line) for line in lines if line.startswith("{")]


def notification_of(subscriber, id_, status):
    """Wait for the notification of an order's change to a status."""
    return eventually(lambda: [c for c in subscriber.changes() if (c["id"], c["status"]) == (id_, status)])[0]


def trail(lines):
    """The service and message of each line, sorted."""
    return sorted((line["service"], line["message"]) for line in lines)


def correlation_ids(lines):
    return {line.get("correlation_id") for line in lines}


def place(cafe, headers, subscriber):
    """Place an order and wait for its `accepted` notification. Returns the order's id and path."""
    order = cafe.api.post("orders", json=CAPPUCCINO, headers=headers).json()
    notification_of(subscriber, order["id"], "accepted")
    return order["id"], f"orders/{order['customer']}/{order['id']}"


ACCEPTED_TRAIL = [
    ("accept_order", "accepted"),
    ("create_order", "created"),
    ("publish_changes", "notified the customer"),
    ("publish_changes", "notified the kitchen"),
]


def test_an_order_is_logged_with_its_requests_id_up_to_the_notification(cafe, ann, subscriber):
    id_, _ = place(cafe, ann, subscriber)
    other, _ = place(cafe, ann, subscriber)
    # A function's lines arrive when its call ends, after the notification.
    eventually(lambda: trail(logged(cafe, id_)) == trail(logged(cafe, other)) == ACCEPTED_TRAIL)

    lines, others = logged(cafe, id_), logged(cafe, other)

    [correlation_id] = correlation_ids(lines)
    assert notification_of(subscriber, id_, "accepted")["correlationId"] == correlation_id
    # The line that ends the request has no order but the same id.
    request_lines = logged(cafe, correlation_id)
    assert trail(request_lines) == sorted([*ACCEPTED_TRAIL, ("create_order", "answered")])
    assert correlation_ids(request_lines) == {correlation_id}
    assert not [line for line in request_lines if other in json.dumps(line)]
    assert correlation_ids(others).isdisjoint({correlation_id, None})


def test_a_staff_move_is_logged_with_its_own_requests_id(cafe, ann, sam, subscriber):
    id_, path = place(cafe, ann, subscriber)
    placed = notification_of(subscriber, id_, "accepted")["correlationId"]

    assert cafe.api.patch(path, json={"status": "ready"}, headers=sam).status_code == 200

    moved = notification_of(subscriber, id_, "ready")["correlationId"]
    assert moved != placed
    expected = [("publish_changes", "notified the customer"), ("update_order", "answered")]
    lines = eventually(lambda: found if trail(found := logged(cafe, moved)) == expected else None)
    assert correlation_ids(lines) == {moved}
    assert [line["order"] for line in lines if "order" in line] == [id_]
    # Every line about the order has one of the two ids.
    assert correlation_ids(logged(cafe, id_)) == {placed, moved}


def test_a_queued_order_is_logged_with_one_id(cafe, ann, subscriber):
    queued = cafe.api.post("orders/queued", json=CAPPUCCINO, headers=ann).json()
    id_ = queued["SendMessageResponse"]["SendMessageResult"]["MessageId"]
    correlation_id = notification_of(subscriber, id_, "accepted")["correlationId"]
    expected = sorted([("create_queued_order", "created"), *ACCEPTED_TRAIL[:1], *ACCEPTED_TRAIL[2:]])

    lines = eventually(lambda: found if trail(found := logged(cafe, id_)) == expected else None)

    assert correlation_ids(lines) == {correlation_id} != {""}
