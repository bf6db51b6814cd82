"""The folder of a local run: who runs it, its logs and its outputs."""

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ops.errors import UserError

LOOK_SECONDS = 0.3
"""How long a run that begins tries to get the lock: whoever looks whether there is a run has it for a moment."""


class Home:
    """Files below one folder. A lock on one of them is held for as long as the run lives, so no crash leaves a trace
    that would have to be told from a run."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.log = self.path / "up.log"
        self._lock = self.path / "lock"
        self._pid = self.path / "pid"
        self._outputs = self.path / "outputs.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the one run in this folder. Raises `UserError` when there is another."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
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
        deadline = time.monotonic() + LOOK_SECONDS
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UserError(self.taken()) from None
                time.sleep(0.01)

    def taken(self) -> str:
        """What to say when there is a run already."""
        return f"already running in {self.path}; `python -m local down --home {self.path}` ends it"

    def is_held(self) -> bool:
        """Whether there is a run."""
        if not self._lock.exists():
            return False
        with self._lock.open("a") as lock:
            try:
                # Shared, so that two who look do not take each other for a run.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def pid(self) -> int | None:
        """The process of the run; `None` when there is no run, or it has only just begun."""
        try:
            return int(self._pid.read_text()) if self.is_held() else None
        except FileNotFoundError:
            return None

    def write_pid(self, pid: int) -> None:
        """Say which process the run is."""
        _write(self._pid, f"{pid}\n")

    def is_ready(self) -> bool:
        """Whether everything answers: the outputs are written last."""
        return self.is_held() and self._outputs.exists()

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs. Raises `UserError` when nothing runs here."""
        if not self.is_ready():
            raise UserError(f"nothing runs in {self.path}; `python -m local up` starts it")
        return dict(json.loads(self._outputs.read_text()))

    def write_outputs(self, outputs: dict[str, Any]) -> None:
        """Keep the stack's outputs: everything answers now."""
        _write(self._outputs, json.dumps(outputs, indent=2) + "\n")

    def _clear(self) -> None:
        """What was true of an earlier run is true no more. Its logs stay, for whoever wants to know why it ended."""
        self._pid.unlink(missing_ok=True)
        self._outputs.unlink(missing_ok=True)
        shutil.rmtree(self.path / "scratch", ignore_errors=True)


def _write(path: Path, content: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    draft = path.with_suffix(".tmp")
    draft.write_text(content)
    draft.replace(path)
