"""Defers Ctrl-C and SIGTERM to a moment at which nothing is half done."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interruptible() -> None:
    """Let SIGTERM raise `KeyboardInterrupt`, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM until the block ends. Main thread only."""
    pending: list[int] = []
    before = {number: signal.signal(number, lambda number, _: pending.append(number)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in dict.fromkeys(pending):
            signal.raise_signal(late)
