"""What the console changes."""

from types import SimpleNamespace

import pytest

from local.console import actions
from local.console.actions import operate
from local.console.views import Views
from local.emulator_client import Aws
from local.errors import UserError
from local.home import Home


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
