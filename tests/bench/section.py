"""The rows of a benchmark, and their table in the document."""

import re
from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One row of a table."""

    what: str
    measured: str
    """The value with its unit. Where possible, a ratio to something measured in the same run."""
    goal: str = ""
    """The maximum or minimum, in the same unit."""


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | goal |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.measured} | {row.goal} |" for row in rows)])


def with_table(page: str, name: str, rows: Iterable[Row]) -> str:
    """Replace the text between `<!-- bench: name -->` and `<!-- end -->` with the rows.

    Raises `ValueError` if the page lacks these markers.
    """
    place = re.compile(rf"(<!-- bench: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    found, count = place.subn(lambda match: f"{match[1]}{table(rows)}\n{match[2]}", page)
    if count != 1:
        raise ValueError(f"the page has no markers for {name!r}: <!-- bench: {name} --> ... <!-- end -->")
    return found
