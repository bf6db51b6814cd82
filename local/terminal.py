"""What `up` prints."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from .emulator import Emulator
from .seed import PASSWORD, USERS
from .tracebacks import readable

REPEAT_SECONDS = 10
"""How long the same failure of a function is not printed again."""

console = Console(stderr=True, soft_wrap=True)


def plain_address(url: str) -> str:
    """The address of an API that needs no name but `localhost`."""
    address = urlsplit(url)
    return f"http://localhost:{address.port}/_aws/execute-api/{address.netloc.partition('.')[0]}{address.path}"


def welcome(outputs: dict[str, Any], plain_port: int, console_command: str) -> str:
    """Where to go and how to sign in, with markup. `plain_port` is the site's at `localhost`; `console_command` prints
    the console's address."""
    people = "\n".join(f"  {user.email}  {user.role}" for user in USERS)
    return (
        f"\n[bold]The café is open:[/] {outputs['webappUrl']}\n"
        f"Where *.localhost is not resolved, as in Safari: http://localhost:{plain_port}/\n"
        f"API: {outputs['apiUrl']}\n"
        f"For programs: {plain_address(outputs['apiUrl'])}\n\n"
        f"Sign in as\n{people}\nwith the password {PASSWORD}\n\n"
        f"See what happens: {escape(console_command)} --open\n"
        "Changes of the program, the functions and the site take effect when you save them.\n"
    )


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
