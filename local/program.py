"""Running a Pulumi program in this process, on the SDK's testing seam."""

import asyncio
import contextvars
import gc
import os
import runpy
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pulumi
from pulumi.runtime import settings, stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockMonitor

from .project import Project


class _Inline(Executor):
    """Runs what is submitted at once, in the thread that submits it: for a run that never waits for anything."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  it is raised where the result is asked for
            future.set_exception(error)
        return future


def preview(project: Project, monitor: MockMonitor) -> None:
    """Run the program to its end without making anything: what only making it would tell stays unknown.

    Raises what the program raises, with its own traceback.
    """
    # The SDK keeps its state in context variables: a context of our own leaves no trace of this run for the next.
    contextvars.copy_context().run(_run, project, monitor, True, _Inline())


def update(project: Project, monitor: MockMonitor, parallel: int) -> dict[str, Any]:
    """Run the program to its end and return its outputs by name; the monitor makes `parallel` resources at once.

    Raises what the program raises, with its own traceback, and what the monitor raises.
    """
    workers = ThreadPoolExecutor(parallel, "resource")
    return contextvars.copy_context().run(_run, project, monitor, False, workers)


def _run(project: Project, monitor: MockMonitor, dry_run: bool, workers: Executor) -> dict[str, Any]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # The SDK calls its engine from the loop's executor. asyncio insists on threads here, and needs none.
    loop._default_executor = workers  # type: ignore[attr-defined]
    # After a failure the SDK leaves futures behind that nobody asks any more; the failure itself is raised below.
    loop.set_exception_handler(lambda loop, context: None)
    # What a program makes is there to stay: looking through it for garbage takes a fifth of the time, in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return loop.run_until_complete(_evaluate(project, monitor, dry_run))
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
    """Execute the program and wait until all its values are there, or one cannot be.

    The SDK waits for them too. But it looks through all that are missing each time that one comes.
    """
    _execute(project)
    while waiting := set(settings.SETTINGS.outputs):
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.exception() for task in done):
            return


def _execute(project: Project) -> None:
    """What Pulumi's language host does: the project's folder is the working directory and the first on the path."""
    before = os.getcwd()
    os.chdir(project.root)
    sys.path.insert(0, str(project.root))
    # The SDK notes down the whole call stack of each resource, for an engine that shows it. This one does not.
    sys.tracebacklimit = 1
    try:
        runpy.run_path(str(project.program), run_name="__main__")
    finally:
        del sys.tracebacklimit
        sys.path.remove(str(project.root))
        os.chdir(before)
