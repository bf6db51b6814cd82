"""Ends processes."""

import contextlib
import os
import signal


def end_group(leader: int) -> None:
    """Kill the remaining processes of a group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
