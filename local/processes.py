"""Starts and ends processes."""

import contextlib
import os
import signal
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[str(__package__).count(".") + 1]
"""The folder that this package is imported from."""


def python_module(name: str = "") -> list[str]:
    """The command that runs a module of this package, or the package itself, in the working directory `FOLDER`."""
    return [sys.executable, "-m", f"{__package__}.{name}".rstrip(".")]


def end_group(leader: int) -> None:
    """Kill the remaining processes of a group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
