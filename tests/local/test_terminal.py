"""What `up` prints."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from local import terminal


@pytest.fixture
def printed(monkeypatch):
    """What was printed, as a function."""
    file = io.StringIO()
    monkeypatch.setattr(terminal, "console", Console(file=file, soft_wrap=True, no_color=True))
    return file.getvalue


def failure(**changes):
    return {"function": "create_order", "request": "1", "error": "it failed", "traceback": "", **changes}


def show(*failures):
    terminal.show_failures(SimpleNamespace(failures=lambda: iter(failures), scratch=Path("/scratch")), Path("/project"))


def test_a_failure_names_its_function_and_request(printed):
    show(failure(request="1b2c", error="Task timed out after 3.00 seconds"))

    assert printed() == "create_order failed (request 1b2c):\nTask timed out after 3.00 seconds\n"


def test_the_same_failure_is_printed_once_in_a_while(printed, monkeypatch):
    clock = iter([0, 1, 2, 3 + terminal.REPEAT_SECONDS])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))

    show(failure(), failure(request="2"), failure(function="get_order"), failure(request="3"))

    assert printed().splitlines() == [
        "create_order failed (request 1):",
        "it failed",
        "get_order failed (request 1):",
        "it failed",
        "create_order failed (request 3):",
        "it failed",
    ]


def test_markup_in_an_error_is_text(printed):
    show(failure(error="[bold]not bold[/] [/nothing]"))

    assert printed().endswith("[bold]not bold[/] [/nothing]\n")
