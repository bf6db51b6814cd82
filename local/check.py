"""Checks saved functions: a mistake is told when a file is saved, not when the function is called next."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .tracebacks import readable

SECONDS = 20
"""How long the imports may take."""

IMPORT = "import importlib, os, sys\nos.nice(19)\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"
"""The other process' program. It leaves the processors to the deployment, which goes on meanwhile."""


def syntax_errors(paths: Iterable[str], root: Path) -> Iterator[str]:
    """A line for each file with a syntax error, with the position. `paths` are relative to `root`."""
    for path in _python(paths, root):
        try:
            ast.parse((root / path).read_bytes(), path)
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}: {(error.text or '').strip()}"
        except ValueError as error:
            yield f"{path}: {error}"


@contextmanager
def imports(paths: Iterable[str], root: Path) -> Iterator["subprocess.Popen[str] | None"]:
    """Import functions' modules in another process while the block runs; `problem` has the result."""
    modules = [path.removesuffix(".py").replace("/", ".") for path in _python(paths, root)]
    if not modules:
        yield None
        return
    command = [sys.executable, "-c", IMPORT, *modules]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def problem(process: "subprocess.Popen[str] | None", root: Path) -> str:
    """Why the modules could not be imported; empty if they were."""
    if process is None:
        return ""
    try:
        _, traceback = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"the import did not end within {SECONDS} s"
    return readable(traceback, root) if process.returncode else ""


def _python(paths: Iterable[str], root: Path) -> list[str]:
    """The Python files among paths that exist."""
    return sorted(path for path in paths if path.endswith(".py") and (root / path).is_file())
