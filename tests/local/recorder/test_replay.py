"""The event of a recorded call."""

import json

import pytest

from local.errors import UserError
from local.recorder.raw import PAYLOAD_BYTES
from local.recorder.replay import lost, recorded_event
from tests.local.recorder.records import call, invocation


def test_the_event_of_a_recorded_call():
    assert recorded_event(invocation(1, "create_order", {"body": "x"}), "1") == ("create_order", {"body": "x"})


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "there is no record 7"),
        (call(7), "the record 7 is not a call of a function but dynamodb:PutItem"),
        (invocation(7, "authenticate"), "calls of authenticate cannot be replayed: their secrets are not recorded"),
        (invocation(7, "authorize"), "calls of authorize cannot be replayed"),
        (invocation(7, "authorize_live"), "calls of authorize_live cannot be replayed"),
        (invocation(7, "create_order", {"x": "y" * PAYLOAD_BYTES}), "the event of 7 is longer than what is recorded"),
    ],
)
def test_what_cannot_be_repeated_says_why(record, message):
    with pytest.raises(UserError, match=message):
        recorded_event(record, "7")


def test_secrets_that_an_event_lost_are_counted():
    assert lost({"headers": {"Authorization": "[redacted]", "Cookie": "[redacted]"}, "body": "x"}) == 2
    assert lost(json.loads(invocation(1, "a", {"token": "x", "b": 1}).request)) == 1
