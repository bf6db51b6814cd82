"""The programs in `programs/`, and the table in the documentation that says which of them run."""

import ast
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from local.engine import preview
from local.project import Project, load_project
from local.resources import PROVIDERS, SKIPPED

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.py") if path.stem != "common")

START = "<!-- programs: written by `make reference` -->"


class Row(NamedTuple):
    """A program, its resource types, and those of them that the local run lacks."""

    description: str
    types: list[str]
    missing: list[str]


def copied(name: str, folder: Path) -> Path:
    """A program in a folder of its own, as somebody else would have it."""
    root = folder / name
    shutil.copytree(PROGRAMS, root, ignore=shutil.ignore_patterns("__pycache__"))
    for other in NAMES:
        (root / f"{other}.py").rename(root / "__main__.py") if other == name else (root / f"{other}.py").unlink()
    (root / "Pulumi.yaml").write_text(f"name: {name.replace('_', '-')}\nruntime: python\n")
    return root


def project(root: Path, *settings: str) -> Project:
    """The project of a copied program."""
    return load_project(root, "local", settings, is_own=False)


def row(name: str, folder: Path) -> Row:
    """A program's row, from a preview."""
    root = copied(name, folder)
    description = ast.get_docstring(ast.parse((root / "__main__.py").read_text(encoding="utf-8"))) or ""
    types = sorted({resource.type for resource in preview(project(root)).custom})
    return Row(description, types, [token for token in types if token not in PROVIDERS and token not in SKIPPED])


def table() -> str:
    """The table, with the number of programs that run."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(name, Path(folder)) for name in NAMES]
    up = sum(not it.missing for it in rows)
    lines = [f"{up} of {len(rows)} programs run.", "", "| program | resource types | runs |", "| --- | --- | --- |"]
    for it in rows:
        runs = f"no: {_short(it.missing)} missing" if it.missing else "yes"
        lines.append(f"| {it.description} | {_short(it.types)} | {runs} |")
    return "\n".join(lines) + "\n"


def _short(tokens: list[str]) -> str:
    """Type tokens as programs name them: `sqs.Queue` for `aws:sqs/queue:Queue`."""
    parts = (token.replace("/", ":").split(":") for token in tokens)
    return ", ".join(f"`{module}.{name}`" for _, module, _, name in parts)


def with_table(page: str) -> str:
    """The page with everything after the marker made anew."""
    return f"{page.partition(START)[0]}{START}\n\n{table()}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(with_table(target.read_text(encoding="utf-8")), encoding="utf-8")
