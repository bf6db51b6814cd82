"""Hot reload: publishes saved site files and updates function code during a local run."""

import base64
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.packaging.function_code import function_code
from ops.errors import UserError
from ops.publish import publish
from ops.stack import Stack
from ops.text import short

from .resources.lambda_ import zipped

PARALLEL = 4
"""Functions updated in parallel; more do not make the emulator faster."""


def hot_reload(changed: Set[str], stack: Stack) -> Iterator[str]:
    """Publish changed site files, and update the functions whose code changed. `changed` has paths relative to the
    project. Yields a line for each update that succeeded, failed, or requires a restart."""
    if site := {path for path in changed if path.startswith("site/public/")}:
        yield _attempt("the site", site, lambda: _publish(stack))
    # The functions also read the menu.
    if code := {path for path in changed if path.startswith("lambdas/") or path == "site/public/menu.json"}:
        yield _attempt("the functions", code, lambda: _count(update_functions(stack)))
    if program := (changed - site - code) | (changed & imported()):
        yield f"{_listed(program)}: used by the program; run `up` again to apply the change"


def update_functions(stack: Stack) -> int:
    """Update the functions whose code has changed; the next call runs it. Returns the number of updated functions.

    As on AWS, broken code is accepted.
    """
    client = stack.client("lambda")
    pages = client.get_paginator("list_functions").paginate()
    # Functions created outside the program have other handlers.
    functions = [it for page in pages for it in page["Functions"] if it["Handler"].startswith("lambdas.")]

    def update(function: Any) -> bool:
        code = zipped(function_code(function["Handler"].removesuffix(".handler")))
        if base64.b64encode(hashlib.sha256(code).digest()).decode() == function["CodeSha256"]:
            return False
        name = function["FunctionName"]
        aliases = client.list_aliases(FunctionName=name)["Aliases"]
        updated = client.update_function_code(FunctionName=name, ZipFile=code, Publish=bool(aliases))
        for alias in aliases:
            client.update_alias(FunctionName=name, Name=alias["Name"], FunctionVersion=updated["Version"])
        return True

    with ThreadPoolExecutor(PARALLEL) as workers:
        return sum(workers.map(update, functions))


def imported() -> set[str]:
    """The project's source files that this process has imported, as paths relative to the project."""
    root = Path(__file__).parent.parent
    files = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    return {file.relative_to(root).as_posix() for file in files if file.is_relative_to(root)}


def _publish(stack: Stack) -> str:
    publish(stack)
    return "the site"


def _count(functions: int) -> str:
    return "1 function" if functions == 1 else f"{functions} functions"


def _attempt(what: str, changed: Set[str], update: Callable[[], str]) -> str:
    """Run an update and describe the result."""
    began = time.monotonic()
    try:
        updated = update()
    # A function's module may be missing: `up` creates and deletes functions.
    except (BotoCoreError, ClientError, UserError, OSError, ModuleNotFoundError) as error:
        return f"{_listed(changed)}: could not update {what}: {short(error)}; save again to retry"
    return f"{_listed(changed)}: updated {updated} in {time.monotonic() - began:.1f} s"


def _listed(paths: Set[str]) -> str:
    """The first path and the number of others."""
    first, *others = sorted(paths)
    return short(first) + (f" and {len(others)} more" if others else "")
