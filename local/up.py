"""`up`: the whole program on this machine, until it is told to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local import engine
from local.aws import Aws
from local.emulator import Emulator, check_port, free_port
from local.errors import LocalError
from local.home import Home, State
from local.project import Project
from local.seed import PASSWORD, USERS, seed

DETACHED_SECONDS = 120
"""How long `--detach` waits for everything to answer."""

console = Console(stderr=True)


class Stopped(BaseException):
    """SIGTERM or Ctrl-C."""


def up(project: Project, home: Home, port: int | None) -> None:
    """Run until SIGTERM or Ctrl-C; nothing is left then. Raises `LocalError`, and whatever the program raises."""
    project.emulator_address()  # refuses a stack that is meant for AWS before anything is started
    if port is None:
        port = free_port()
    else:
        check_port(port)
    with home.held(), _stoppable():
        home.write_state(State(os.getpid(), port))
        emulator = Emulator(port, home.path, project.region)
        try:
            outputs = _start(project.with_emulator_at(port), emulator, port)
            home.write_outputs(outputs)
            home.write_state(State(os.getpid(), port, ready=True))
            console.print(_welcome(outputs))
            emulator.wait()
        finally:
            emulator.stop()


def detach(project: Project, home: Home, port: int | None) -> None:
    """Start `up` in the background and return when everything answers. Raises `LocalError` with what went wrong."""
    if home.is_held():
        raise LocalError(f"it runs already in {home.path}; `python -m local down --home {home.path}` ends it")
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        log = home.log.open("wb")
    except OSError as error:
        raise LocalError(f"--home {home.path} cannot be used: {error.strerror}") from None
    command = [sys.executable, "-m", "local", "up", "--stack", project.stack, "--home", str(home.path)]
    with log, _stoppable():
        process = subprocess.Popen(
            [*command, *(["--port", str(port)] if port is not None else [])],
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, home)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    console.print(_welcome(home.outputs()))


def down(home: Home) -> None:
    """End the run in the folder, if there is one, and wait until nothing is left of it."""
    state = home.state()
    if state is None and not home.is_held():
        console.print(f"nothing runs in {home.path}")
        return
    if state is None:
        raise LocalError(f"the run in {home.path} has only just begun; try again")
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while home.is_held():
        if time.monotonic() > deadline:
            # The emulator sees its standard input close, and ends by itself.
            os.kill(state.pid, signal.SIGKILL)
        time.sleep(0.05)


def _start(project: Project, emulator: Emulator, port: int) -> dict[str, Any]:
    """Everything between the emulator's start and the first order."""
    plan = engine.look(project)
    plan.check()
    for kind, reason in plan.skipped().items():
        console.print(f"skipped: {kind}: {reason}")
    aws = Aws(emulator.endpoint, project.region)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        emulator.wait_until_ready()
        task = progress.add_task("resources", total=len(plan.custom))
        outputs = engine.make(project, aws, lambda: progress.advance(task))
    seed(aws, outputs, port)
    return outputs


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Home) -> None:
    deadline = time.monotonic() + DETACHED_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise LocalError(home.log.read_text(errors="replace").strip() or f"up ended with {process.returncode}")
        state = home.state()
        if state is not None and state.ready:
            return
        time.sleep(0.05)
    raise LocalError(f"it is not ready after {DETACHED_SECONDS} s; the log is {home.log}")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn SIGTERM and Ctrl-C into an exception, once: what they interrupt cleans up undisturbed."""

    def stop(number: int, frame: object) -> NoReturn:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        raise Stopped

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _welcome(outputs: dict[str, Any]) -> str:
    people = "\n".join(f"  {user.email}  {user.role}" for user in USERS)
    return (
        f"\n[bold]The café is open:[/] {outputs['webappUrl']}\n"
        f"The API: {outputs['apiUrl']}\n\n"
        f"Sign in as\n{people}\nwith the password {PASSWORD}\n"
    )
