"""`up`: runs the whole program on this machine until it is stopped."""

import contextlib
import contextvars
import gc
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .control import Request, listen
from .emulator import Emulator, check_port, free_port, usable
from .emulator_settings import DEBUG_PORT, SAVE_SECONDS
from .errors import UserError
from .extension import Extension
from .functions import find_function
from .home import Home
from .kept import Kept, Saved
from .processes import FOLDER, python_module
from .project import Project
from .recorder.recordings import RecordFile
from .recording import Recording
from .session import Session
from .terminal import console, show_failures
from .watch import Watcher

Events = SimpleQueue[Any]
"""Events for the main thread: results, exceptions, and signals as `Interrupted`."""

DETACHED_SECONDS = 240
"""How long `--detach` waits for the run to be ready."""

WATCH_SECONDS = 0.1
"""The interval between checks for changed files."""

WAIT_SECONDS = 0.5
"""The longest uninterrupted wait for an event. A signal that arrives just before a wait is handled only after it."""

TELL_SECONDS, END_SECONDS = 3, SAVE_SECONDS + 20
"""After how long `down` says that it waits, and kills what does not end."""

JOIN_SECONDS = 3
"""How long to wait for an interrupted start to notice that its emulator is gone."""


class Interrupted(Exception):
    """SIGTERM or Ctrl-C arrived before the run was ready."""


class Options(NamedTuple):
    """How to run."""

    port: int | None = None
    """Default: a free one, or that of the last run that was kept."""
    debugged: str | None = None
    """The module of a function that waits for a debugger."""
    keep: bool = False
    """Whether to go on where the last such run stopped."""
    record: Path | None = None
    """A file for all that is recorded."""
    extension: Extension = Extension()
    """What the project adds."""


def up(project: Project, home: Home, options: Options) -> None:
    """Run until SIGTERM or Ctrl-C, then stop everything.

    Raises `Interrupted`, `UserError`, and the program's exceptions.
    """
    if project.is_own:
        project.emulator_address()  # rejects a stack on AWS before anything is started
    if options.port is not None:
        check_port(options.port, "choose another or omit --port")
    if options.debugged:
        check_port(DEBUG_PORT, "end what uses it: debuggers attach to this port")
    file = RecordFile(options.record) if options.record else None
    events: Events = SimpleQueue()
    with home.lock(), _signals(events):
        home.write_pid(os.getpid())
        # Before any file is read, so that files saved meanwhile count as changed.
        watcher = Watcher(project.root, options.extension.watched, home.path)
        kept = Kept(home.kept / f"{project.stack}-{project.region}") if options.keep else None
        saved = _taken(kept) if kept else None
        port = options.port or (saved and usable(saved.port)) or free_port()
        emulator = Emulator(
            port, home.path, project.region, options.debugged, kept.folder if kept else None, project.root
        )
        session = Session(project.with_emulator_at(port), home, port, saved and saved.state, options.extension)
        recording = Recording(session, emulator, file)
        worker = _in_background(partial(_start, session, emulator, options.debugged), events)
        _in_background(emulator.wait, events)
        try:
            _result(events)
            requests: SimpleQueue[Request] = SimpleQueue()
            about = {"plainPort": emulator.plain_port, "endpoint": session.aws.endpoint, "region": project.region}
            listen(home, lambda request: None if recording.answers(request) else requests.put(request), about)
            session.publish_outputs()
            console.print(options.extension.welcome(session.outputs, emulator.plain_port, home.command("console")))
            if options.debugged:
                emulator.debug()
                console.print(f"Calls of {options.debugged} wait for a debugger at localhost:{DEBUG_PORT}.\n")
            # The run may last for days; existing objects live as long and need no garbage collection.
            gc.freeze()
            gc.enable()
            # In the background: a program may take long, and a signal must not wait for it.
            _in_background(partial(_follow, watcher, session, requests), events)
            _in_background(partial(show_failures, emulator, project.root), events)
            with contextlib.suppress(Interrupted):
                while True:
                    _result(events)
        finally:
            recording.finish()
            emulator.stop()
            worker.join(JOIN_SECONDS)
            if kept:
                # Also after a start that failed or was interrupted: its data are those of the run before.
                kept.save(Saved(port, session.state))


def _taken(kept: Kept) -> Saved | None:
    """What the last run left, if anything."""
    saved, lost = kept.take()
    if lost:
        console.print(f"starting anew: {lost}")
    return saved


def detach(project: Project, home: Home, options: Options) -> None:
    """Start `up` in the background and return when it is ready.

    Raises `Interrupted`, and `UserError` with the reason.
    """
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = home.log.open("wb")
    except OSError as error:
        raise UserError(f"--home {home.path} cannot be used: {error.strerror}") from None
    command = [*python_module(), "up", "--stack", project.stack, "--home", str(home.path)]
    if not project.is_own:
        command += ["--program", str(project.root)]
    for setting in project.given:
        command += ["--config", setting]
    if options.port is not None:
        command += ["--port", str(options.port)]
    if options.keep:
        command.append("--keep")
    if options.record:
        command += ["--record", str(options.record.resolve())]
    events: Events = SimpleQueue()
    with log, _signals(events):
        process = subprocess.Popen(
            command,
            cwd=FOLDER,
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
    console.print(options.extension.welcome(home.outputs(), home.control()["plainPort"], home.command("console")))
    console.print(f"Stop it with `{home.command('down')}`. Its log is {home.log}.\n", highlight=False)


def down(home: Home) -> None:
    """Stop the run in the folder, if any, and wait until it has ended."""
    pid = home.pid()
    if pid is None and not home.is_running():
        if home.path.exists():
            with home.lock():
                pass  # removes what a killed run left behind
        console.print(f"nothing is running in {home.path}")
        return
    if pid is None:
        raise UserError(f"the run in {home.path} is still starting; try again")
    _send(signal.SIGTERM, pid)
    began, told = time.monotonic(), False
    while home.is_running() or _is_alive(pid):
        if not told and time.monotonic() > began + TELL_SECONDS:
            told = True
            console.print("waiting until everything is saved and stopped")
        if time.monotonic() > began + END_SECONDS:
            # The emulator ends by itself when its standard input closes.
            _send(signal.SIGKILL, pid)
        time.sleep(0.05)


def _send(number: int, pid: int) -> None:
    """Send a signal to a process, unless it has already ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _is_alive(pid: int) -> bool:
    """Whether a process is running. A zombie counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _follow(watcher: Watcher, session: Session, requests: "SimpleQueue[Request]") -> None:
    """Reload saved files and answer requests, for as long as the process lives."""
    from .answers import answer
    from .live import reload

    while True:
        with contextlib.suppress(Empty):
            request = requests.get(timeout=WATCH_SECONDS)
            request.answer(answer(request.content, session))
        if changed := watcher.changed():
            for line in reload(changed, session):
                console.print(line, markup=False, highlight=False)


def _start(session: Session, emulator: Emulator, debugged: str | None) -> None:
    """Deploy the program to the emulator, and put the first data into it."""
    plan = session.plan(session.project)
    for kind, reason in plan.skipped().items():
        console.print(f"skipped: {kind}: {reason}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        emulator.wait_until_ready()
        task = progress.add_task("resources", total=len(plan.steps))
        session.deploy(session.project, lambda: progress.advance(task))
    if debugged:
        find_function(session.aws, debugged)
    session.fill()


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Home, events: Events) -> None:
    deadline = time.monotonic() + DETACHED_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UserError(home.log.read_text(errors="replace").strip() or f"up exited with code {process.returncode}")
        if home.is_ready():
            return
        with contextlib.suppress(Empty):
            _result_within(0.05, events)
    raise UserError(f"not ready after {DETACHED_SECONDS} s; see {home.log}")


def _in_background(work: Callable[[], Any], events: Events) -> threading.Thread:
    """Run `work` in a thread; its result or exception becomes an event."""

    def run() -> None:
        try:
            events.put(work())
        except Exception as error:  # noqa: BLE001  raised where events are read
            events.put(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    return thread


def _result(events: Events) -> Any:
    """Wait for the next event: return a result, or raise an exception."""
    while True:
        with contextlib.suppress(Empty):
            return _result_within(WAIT_SECONDS, events)


def _result_within(seconds: float, events: Events) -> Any:
    """Like `_result`, but raises `Empty` after `seconds` without an event."""
    event = events.get(timeout=seconds)
    if isinstance(event, Exception):
        raise event
    return event


@contextlib.contextmanager
def _signals(events: Events) -> Iterator[None]:
    """Turn SIGTERM and Ctrl-C into events: an exception at an arbitrary point could get lost or break a cleanup."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: events.put(Interrupted())) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
