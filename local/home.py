"""The folder of a local run: its PID, logs, outputs, and how to reach it."""

import fcntl
import json
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .errors import UserError

LOCK_SECONDS = 0.3
"""How long a starting run tries to get the lock, which a check for a run holds for a moment."""


class Home:
    """The files of a local run. The run holds a lock on one of them until its process ends, so files that a crash
    leaves behind are never mistaken for a run."""

    def __init__(self, path: Path, program: Path | None = None) -> None:
        """`program` is the folder of a program that is not the project's own."""
        self.path = path.resolve()
        self._program = program
        self.log = self.path / "up.log"
        self.scratch = self.path / "scratch"
        self.kept = self.path / "kept"
        self._lock = self.path / "lock"
        self._pid = self.path / "pid"
        self._control = self.path / "control.json"
        self._outputs = self.path / "outputs.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only run in this folder. Raises `UserError` if there is another."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._lock.open("a")
        except OSError as error:
            raise UserError(f"--home {self.path} cannot be used: {error.strerror}") from None
        with lock:
            self._take(lock)
            self._clear()
            try:
                yield
            finally:
                self._clear()

    def _take(self, lock: IO[str]) -> None:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UserError(self.already_running()) from None
                time.sleep(0.01)

    def already_running(self) -> str:
        """The error message for a folder that already has a run."""
        return f"already running in {self.path}; stop it with `{self.command('down')}`"

    def is_running(self) -> bool:
        """Whether a run exists."""
        if not self._lock.exists():
            return False
        with self._lock.open("a") as lock:
            try:
                # Shared, so that two checks do not mistake each other for a run.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def pid(self) -> int | None:
        """The PID of the run; `None` if there is no run, or it is still starting."""
        try:
            return int(self._pid.read_text()) if self.is_running() else None
        except FileNotFoundError:
            return None

    def write_pid(self, pid: int) -> None:
        """Store the run's PID."""
        _write(self._pid, f"{pid}\n")

    def control(self) -> dict[str, Any]:
        """How to reach the run. Raises `UserError` if nothing is running here, or it is still starting."""
        if not self.is_running():
            raise UserError(self._nothing_running())
        if not self.is_ready():
            raise UserError(f"the run in {self.path} is still starting; try again")
        return dict(json.loads(self._control.read_text()))

    def write_control(self, control: dict[str, Any]) -> None:
        """Store how to reach the run, for this user only."""
        self._control.unlink(missing_ok=True)
        self._control.touch(mode=0o600)
        self._control.write_text(json.dumps(control))

    def is_ready(self) -> bool:
        """Whether the run is ready: the outputs are written last."""
        return self.is_running() and self._outputs.exists()

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs. Raises `UserError` if nothing is running here."""
        if not self.is_ready():
            raise UserError(self._nothing_running())
        return dict(json.loads(self._outputs.read_text()))

    def write_outputs(self, outputs: dict[str, Any]) -> None:
        """Store the stack's outputs, which marks the run as ready."""
        _write(self._outputs, json.dumps(outputs, indent=2) + "\n")

    def command(self, name: str) -> str:
        """A command of this package for this folder, to be pasted into a shell in the project's folder."""
        python = sys.executable.removeprefix(f"{Path.cwd()}/")
        program = ["--program", str(self._program)] if self._program else []
        default = (self._program or Path.cwd()).resolve() / ".local"
        home = [] if self.path == default else ["--home", str(self.path)]
        return shlex.join([python, "-m", str(__package__), name, *program, *home])

    def _nothing_running(self) -> str:
        return f"nothing is running in {self.path}; start it with `{self.command('up')}`"

    def _clear(self) -> None:
        """Remove the state of an earlier run. Its logs remain, to show why it ended."""
        self._pid.unlink(missing_ok=True)
        self._control.unlink(missing_ok=True)
        self._outputs.unlink(missing_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)


def _write(path: Path, content: str) -> None:
    """Write a file atomically."""
    draft = path.with_suffix(".tmp")
    draft.write_text(content)
    draft.replace(path)
