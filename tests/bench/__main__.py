"""`python -m tests.bench [NAME ...]`: measure, print, and write each table into docs/performance.md."""

import sys
from importlib import import_module
from pathlib import Path

from tests.bench.section import table, with_table

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"

SECTIONS = (
    "start",
    "engine",
    "evaluation",
    "cold_start",
    "warm_path",
    "growth",
    "load",
    "crowd",
    "live",
    "recorder",
    "web_app",
)
"""Modules in this folder, in the order of the document. Each has a function `measure` that yields its rows."""


def main(names: list[str]) -> None:
    """Measure the named sections, or all of them."""
    for name in names or SECTIONS:
        rows = list(import_module(f"tests.bench.{name}").measure())
        print(f"\n{name}\n{table(rows)}", flush=True)
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
