"""Which events follow from a change of an order."""

import json

import pytest

from lambdas.orders.live import live_events
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import NOON, an_order

CREATED = an_order("7")
ACCEPTED = an_order("7", status=Status.ACCEPTED)
BOARD, OWN = "/orders/board", "/orders/customers/ann"
MAX_EVENT_BYTES = 240 * 1024
"""AppSync endpoints and quotas."""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(None, CREATED, id="a new order"),
        pytest.param(CREATED, ACCEPTED, id="another status"),
        pytest.param(CREATED, an_order("7", items=[Item("x", 2)]), id="other items"),
    ],
)
def test_a_change_is_told_to_the_customer_and_the_board(old, new):
    event = {"order": new.public()}

    assert dict(live_events(old, new, NOON)) == {OWN: event, BOARD: event}
    assert "_updatedAt" in event["order"]
    assert not {"_revision", "_correlationId", "_paidRevision"} & event["order"].keys()


def test_displays_are_told_its_number_and_status():
    old, new = an_order("7", number=12), an_order("7", number=12, status=Status.ACCEPTED)

    assert dict(live_events(old, new, NOON))["/orders/display"] == {"number": 12, "status": "accepted"}


def test_a_deleted_order_is_told_as_removed():
    event = {"order": CREATED.public(), "removed": True}

    assert dict(live_events(CREATED, None, NOON)) == {OWN: event, BOARD: event}


def test_a_change_that_nobody_can_see_is_not_told():
    assert list(live_events(ACCEPTED, an_order("7", status=Status.ACCEPTED, paid_revision="r"), NOON)) == []
    assert list(live_events(None, None, NOON)) == []


def test_a_customer_whose_name_is_no_channel_is_told_to_the_board_only():
    assert [channel for channel, _ in live_events(None, an_order("7", "ann@example.com"), NOON)] == [BOARD]


def test_the_largest_order_fits_into_an_event():
    largest = an_order("i" * 64, "c" * 128, items=[Item("\U0001f950" * 100, 99, "\U0001f950" * 50)] * 50)

    [(_, event)] = live_events(None, largest, NOON)

    assert len(json.dumps(event).encode()) < MAX_EVENT_BYTES
