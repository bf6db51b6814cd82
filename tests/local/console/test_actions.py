"""What the console changes."""

import json
from types import SimpleNamespace

import pytest

from local.console import actions
from local.console.actions import lost, operate, recorded_event
from local.console.views import Views
from local.recorder.raw import PAYLOAD_BYTES
from ops.emulator_client import Aws
from ops.errors import UserError
from ops.home import Home
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


def test_what_ops_says_is_passed_on(tmp_path):
    with pytest.raises(UserError, match="nothing is running in"):
        operate(Home(tmp_path), "redrive", "orders")


def test_an_endless_command_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "SECONDS", 0.01)
    with pytest.raises(UserError, match=r"`ops redrive` did not end within 0.01 s"):
        operate(Home(tmp_path), "redrive", "orders")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"queue": 1},
        {"queue": None},
        {"queue": "--outputs=/etc/passwd"},
        {"queue": "-"},
        {"queue": "a\0b"},
        {"queue": "a b"},
    ],
)
def test_a_queue_is_no_option(content):
    views = Views(SimpleNamespace(home=None, aws=Aws("http://localhost:1", "us-east-1")), None, None)
    with pytest.raises(UserError, match="the body must name the queue"):
        views.redrive(content)
