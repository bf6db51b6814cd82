"""Runs a Pulumi program: this project's in this process, with the SDK's mocks, and any other in its own."""

import asyncio
import contextvars
import gc
import importlib
import os
import runpy
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pulumi
from pulumi.runtime import settings, stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockMonitor

from . import program_process
from .errors import UserError
from .project import Project


class _Inline(Executor):
    """Runs each task immediately in the submitting thread, for a run that never waits."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  raised by `result()`
            future.set_exception(error)
        return future


def preview(project: Project, monitor: MockMonitor) -> dict[str, Any]:
    """Run the program without creating anything and return its outputs; those that only creation determines are `None`.

    Raises the program's exceptions, with their own tracebacks; for another program, `UserError` with its errors.
    """
    if not project.is_own:
        return program_process.preview(project, monitor)
    # The SDK keeps its state in context variables: a copied context keeps this run from affecting the next.
    return contextvars.copy_context().run(_run, project, monitor, True, _Inline())


def update(project: Project, monitor: MockMonitor, parallel: int) -> dict[str, Any]:
    """Run the program and return its outputs by name; the monitor creates up to `parallel` resources at once.

    Raises the program's exceptions, with their own tracebacks, and the monitor's.
    """
    if not project.is_own:
        return program_process.update(project, monitor, parallel)
    workers = ThreadPoolExecutor(parallel, "resource")
    return contextvars.copy_context().run(_run, project, monitor, False, workers)


def forget_modules(root: Path) -> None:
    """Make the next run import the program's modules anew: all those below the program's folder, except this package,
    `ops` and the environment."""
    # Python recognizes stale bytecode by the source's size and the second in which it was saved.
    sys.dont_write_bytecode = True
    own = {"__main__", "ops", __name__.partition(".")[0]}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in own or not _belongs_to(root, module):
            continue
        del sys.modules[name]
        if bytecode := getattr(module, "__cached__", None):
            Path(bytecode).unlink(missing_ok=True)
    importlib.invalidate_caches()


def _belongs_to(root: Path, module: ModuleType) -> bool:
    """Whether a module's file, or the folder of a package without one, is below `root` and not installed there."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    place = next((Path(place) for place in places if place), None)
    if place is None or not place.is_relative_to(root) or place.is_relative_to(sys.prefix):
        return False
    parts = place.relative_to(root).parts
    return "site-packages" not in parts and not any(part.startswith(".") for part in parts)


def _run(project: Project, monitor: MockMonitor, dry_run: bool, workers: Executor) -> dict[str, Any]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # The SDK calls its engine from the loop's executor. asyncio's setter accepts only thread pools, but needs none.
    loop._default_executor = workers  # type: ignore[attr-defined]
    # After a failure, the SDK leaves futures that are never awaited; the failure itself is raised below.
    loop.set_exception_handler(lambda loop, context: None)
    # A program's objects live to the end: garbage collection would take a fifth of the time for nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return loop.run_until_complete(_evaluate(project, monitor, dry_run))
    except SystemExit as error:
        # In an `apply`, it stops the event loop.
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        raise UserError(f"the program called sys.exit({error.code!r}); it must run to its end") from None
    finally:
        if collecting:
            gc.enable()
        workers.shutdown(wait=True, cancel_futures=True)
        asyncio.set_event_loop(None)
        loop.close()


async def _evaluate(project: Project, monitor: MockMonitor, dry_run: bool) -> dict[str, Any]:
    settings.SETTINGS.outputs.clear()
    settings.set_root_resource(None)  # type: ignore[arg-type]
    set_all_config(dict(project.config))
    pulumi.runtime.set_mocks(monitor.mocks, project=project.name, stack=project.stack, preview=dry_run, monitor=monitor)
    await stack.run_pulumi_func(lambda: _executed(project))
    root = settings.get_root_resource()
    assert isinstance(root, stack.Stack)
    return {name: await pulumi.Output.from_input(value).future() for name, value in root.outputs.items()}


async def _executed(project: Project) -> None:
    """Execute the program and wait until all its outputs are resolved, or one fails.

    The SDK waits for them too, but scans all pending outputs each time one is resolved.
    """
    execute(project)
    while waiting := set(settings.SETTINGS.outputs):
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.exception() for task in done):
            return


def execute(project: Project) -> None:
    """Do what Pulumi's language host does: the project folder is the working directory and first on the path."""
    before = os.getcwd()
    os.chdir(project.root)
    sys.path.insert(0, str(project.root))
    # The SDK records the whole call stack of each resource for the engine. This engine does not show it.
    sys.tracebacklimit = 1
    try:
        runpy.run_path(str(project.program), run_name="__main__")
    finally:
        del sys.tracebacklimit
        sys.path.remove(str(project.root))
        os.chdir(before)
