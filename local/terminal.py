"""What `up` prints."""

import time
from pathlib import Path

from rich.console import Console

from .emulator import Emulator
from .tracebacks import readable

REPEAT_SECONDS = 10
"""How long the same failure of a function is not printed again."""

console = Console(stderr=True, soft_wrap=True)


def show_failures(emulator: Emulator, root: Path) -> None:
    """Print why functions fail, each reason once in a while: a poller repeats its calls."""
    last: dict[tuple[str, str], float] = {}
    for failure in emulator.failures():
        text = readable(failure["traceback"], root, emulator.scratch) or failure["error"]
        now, reason = time.monotonic(), (failure["function"], text)
        if now - last.get(reason, -REPEAT_SECONDS) >= REPEAT_SECONDS:
            last[reason] = now
            console.print(f"[bold red]{failure['function']} failed[/] (request {failure['request']}):")
            console.print(text, markup=False, highlight=False)
