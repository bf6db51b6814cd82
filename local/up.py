"""`up`: the whole program on this machine, until it is told to stop."""

import contextlib
import contextvars
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ops.emulator_client import Aws
from ops.errors import UserError
from ops.home import Home
from ops.stack import Stack

from . import engine
from .emulator import Emulator, check_port, free_port
from .project import Project
from .seed import PASSWORD, USERS, seed
from .watch import Watcher

Events = SimpleQueue[Any]
"""What happens while the main thread waits: results, exceptions, and signals as `Interrupted`."""

DETACHED_SECONDS = 240
"""How long `--detach` waits for everything to answer."""

WATCHED = ("__main__.py", "Pulumi*.yaml", "components", "lambdas", "site/public")
"""What is brought in, or spoken of, when it changes while the program runs: as `Path.glob` has it."""

WATCH_SECONDS = 0.2
"""How often to look."""

WAIT_SECONDS = 0.5
"""How long to wait for an event without a break: a signal that comes the moment before is seen only after that."""

JOIN_SECONDS = 3
"""How long an interrupted start may take to notice that its emulator is gone."""

console = Console(stderr=True, soft_wrap=True)


class Interrupted(Exception):
    """SIGTERM or Ctrl-C came before everything answered."""


def up(project: Project, home: Home, port: int | None) -> None:
    """Run until SIGTERM or Ctrl-C; nothing is left then.

    Raises `Interrupted`, `UserError`, and whatever the program raises.
    """
    project.emulator_address()  # refuses a stack that is meant for AWS before anything is started
    if port is None:
        port = free_port()
    else:
        check_port(port)
    events: Events = SimpleQueue()
    with home.held(), _signals(events):
        home.write_pid(os.getpid())
        # Before anything is read: what is saved in the meantime counts as changed.
        watcher = Watcher(project.root, WATCHED)
        emulator = Emulator(port, home.path, project.region)
        start = partial(_start, project.with_emulator_at(port), emulator, port)
        worker = _in_background(start, events)
        _in_background(emulator.wait, events)
        try:
            stack = _result(events)
            home.write_outputs(stack.outputs)
            console.print(_welcome(stack.outputs))
            # It may go on for days; what is there by now stays, and need not be looked through.
            gc.freeze()
            gc.enable()
            with contextlib.suppress(Interrupted):
                _follow(watcher, stack, events)
        finally:
            emulator.stop()
            worker.join(JOIN_SECONDS)


def detach(project: Project, home: Home, port: int | None) -> None:
    """Start `up` in the background and return when everything answers.

    Raises `Interrupted`, and `UserError` with what went wrong.
    """
    if home.is_held():
        raise UserError(home.taken())
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        log = home.log.open("wb")
    except OSError as error:
        raise UserError(f"--home {home.path} cannot be used: {error.strerror}") from None
    command = [sys.executable, "-m", "local", "up", "--stack", project.stack, "--home", str(home.path)]
    for setting in project.given:
        command += ["--config", setting]
    if port is not None:
        command += ["--port", str(port)]
    events: Events = SimpleQueue()
    with log, _signals(events):
        process = subprocess.Popen(
            command,
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, home, events)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    console.print(_welcome(home.outputs()))


def down(home: Home) -> None:
    """End the run in the folder, if there is one, and wait until nothing is left of it."""
    pid = home.pid()
    if pid is None and not home.is_held():
        if home.path.exists():
            with home.held():
                pass  # what a run that was killed has left goes when the next one begins, or now
        console.print(f"nothing runs in {home.path}")
        return
    if pid is None:
        raise UserError(f"the run in {home.path} has only just begun; try again")
    _send(signal.SIGTERM, pid)
    deadline = time.monotonic() + 20
    while home.is_held() or _is_alive(pid):
        if time.monotonic() > deadline:
            # The emulator sees its standard input close, and ends by itself.
            _send(signal.SIGKILL, pid)
        time.sleep(0.05)


def _send(number: int, pid: int) -> None:
    """Send a signal to a process, unless it has just ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _is_alive(pid: int) -> bool:
    """Whether a process has yet to end; one that has ended and waits for its parent to notice counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _follow(watcher: Watcher, stack: Stack, events: Events) -> None:
    """Bring in what is saved, until something happens: raises that."""
    from .live import hot_reload

    while True:
        with contextlib.suppress(Empty):
            _result_within(WATCH_SECONDS, events)
        if changed := watcher.changed():
            for line in hot_reload(changed, stack):
                console.print(line, markup=False, highlight=False)


def _start(project: Project, emulator: Emulator, port: int) -> Stack:
    """Everything between the emulator's start and the first order."""
    plan = engine.preview(project)
    plan.check()
    for kind, reason in plan.skipped().items():
        console.print(f"skipped: {kind}: {reason}")
    aws = Aws(emulator.endpoint, project.region)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        emulator.wait_until_ready()
        task = progress.add_task("resources", total=len(plan.to_make))
        stack = Stack(engine.deploy(project, aws, lambda: progress.advance(task)), aws.client)
    from ops.publish import publish  # only now: a program that fails, or `down`, needs none of it

    # The first orders wait for functions to start, which leaves time for the site.
    with ThreadPoolExecutor(1) as worker:
        published = worker.submit(publish, stack)
        seed(aws, stack.outputs, port)
        published.result()
    return stack


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Home, events: Events) -> None:
    deadline = time.monotonic() + DETACHED_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UserError(home.log.read_text(errors="replace").strip() or f"up ended with {process.returncode}")
        if home.is_ready():
            return
        with contextlib.suppress(Empty):
            _result_within(0.05, events)
    raise UserError(f"it is not ready after {DETACHED_SECONDS} s; the log is {home.log}")


def _in_background(work: Callable[[], Any], events: Events) -> threading.Thread:
    """Do something in a thread; what comes of it is an event."""

    def run() -> None:
        try:
            events.put(work())
        except Exception as error:  # noqa: BLE001  it is raised where the events are read
            events.put(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    return thread


def _result(events: Events) -> Any:
    """The next event: something that was waited for, or an exception, which is raised."""
    while True:
        with contextlib.suppress(Empty):
            return _result_within(WAIT_SECONDS, events)


def _result_within(seconds: float, events: Events) -> Any:
    """The same; raises `Empty` when there is none in time."""
    event = events.get(timeout=seconds)
    if isinstance(event, Exception):
        raise event
    return event


@contextlib.contextmanager
def _signals(events: Events) -> Iterator[None]:
    """Make SIGTERM and Ctrl-C events like others: an exception out of nowhere could get lost or spoil a clean-up."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: events.put(Interrupted())) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(outputs: dict[str, Any]) -> str:
    people = "\n".join(f"  {user.email}  {user.role}" for user in USERS)
    return (
        f"\n[bold]The café is open:[/] {outputs['webappUrl']}\n"
        f"The API: {outputs['apiUrl']}\n\n"
        f"Sign in as\n{people}\nwith the password {PASSWORD}\n\n"
        "What you save in site/public and lambdas is live a moment later.\n"
    )
