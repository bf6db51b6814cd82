"""What a project adds to its local run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from .errors import UserError
from .text import short

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from .recorder.recordings import Recordings
    from .recorder.usage import Usage
    from .session import Session

ADDRESS = re.compile(r"(http|ws)s?://[^/]*localhost")
"""An address in the run, which is no secret."""


class Extension:
    """The local run of any program, to which a project can add."""

    watched: Sequence[str] = ("*",)
    """`Path.glob` patterns of files and folders to follow."""

    functions: str = ""
    """The folder of functions whose imports are checked when they are saved. Default: none."""

    site: str = ""
    """The folder of files that are published rather than read by the program. Default: none."""

    def fill(self, session: Session) -> None:
        """Put the first data into resources that are new and empty."""

    def publish(self, changed: Set[str], session: Session) -> str:
        """Publish saved files of the `site`. Returns a line that says what was done, or why not."""
        return f"{listed(changed)}: nothing publishes these files"

    def welcome(self, outputs: dict[str, Any], plain_port: int, console_command: str) -> str:
        """What `up` prints when it is ready, with markup."""
        addresses = [f"{name}: {value}" for name, value in outputs.items() if ADDRESS.match(str(value))]
        return "\n".join(
            ["\n[bold]The program runs.[/]", *map(escape, addresses), "Changes take effect when you save them.\n"]
        )

    def serve_console(self, session: Session, recordings: Recordings, usage: Usage, port: int) -> None:
        """Serve the console. Raises `UserError` if there is none."""
        raise UserError("the console shows the café only; use `logs` and `up --record FILE`")


def listed(paths: Set[str]) -> str:
    """The first path and the number of others."""
    first, *others = sorted(paths)
    return short(first) + (f" and {len(others)} more" if others else "")
