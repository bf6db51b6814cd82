"""What a measurement is, and where its table stands in the document."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a table."""

    what: str
    measured: str
    """With its unit. Where it can be, a ratio to something measured in the same run."""
    goal: str = ""
    """What it should be at most, or at least, in the same unit."""


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| what | measured | goal |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.measured} | {row.goal} |" for row in rows)])


def with_table(page: str, name: str, rows: Iterable[Row]) -> str:
    """The page with the rows in place of what stands between `<!-- bench: name -->` and `<!-- end -->`.

    Raises `ValueError` when the page has no such place.
    """
    place = re.compile(rf"(<!-- bench: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    found, count = place.subn(lambda match: f"{match[1]}{table(rows)}\n{match[2]}", page)
    if count != 1:
        raise ValueError(f"the page has no place for {name!r}: <!-- bench: {name} --> ... <!-- end -->")
    return found
