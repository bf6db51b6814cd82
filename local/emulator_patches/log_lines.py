"""Fixes the emulator: a call's log lines are in the log when the call ends.

ministack 1.5.33 reads a function's output in a separate thread, and gives that thread a few milliseconds after a call
returns. On a busy machine this can be too short: the missing lines are then logged with the next call in the same
process, if there is one. A function writes its lines before its response, so once the response has arrived, all unread
lines are in the pipe. This patch reads them then.
"""

import os
import select
from collections.abc import Callable
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from ministack.core.lambda_runtime import Worker

if TYPE_CHECKING:
    from queue import SimpleQueue

END_SECONDS = 0.25
"""How long to wait for the last lines of a process that has ended."""


class Pipe:
    """Puts a process's output into a queue, line by line. Lines stay whole and in order, whichever thread reads."""

    def __init__(self, file: IO[Any], lines: "SimpleQueue[str]") -> None:
        self._file = file  # kept, so that its descriptor is not reused
        self._lines = lines
        self._rest = b""
        self._lock = Lock()
        os.set_blocking(file.fileno(), False)

    def follow(self) -> None:
        """Read lines as they arrive, until the process ends."""
        change = select.poll()
        change.register(self._file.fileno(), select.POLLIN)
        while self.take():
            change.poll()

    def take(self) -> bool:
        """Read all lines written so far. Returns whether more may follow."""
        with self._lock:
            while written := self._read():
                *lines, self._rest = (self._rest + written).split(b"\n")
                self._put(*lines)
            if written is None:
                return True
            if self._rest:
                self._put(self._rest)
                self._rest = b""
            return False

    def _read(self) -> bytes | None:
        """The available bytes: `None` if there are none yet, empty at the end of the output."""
        try:
            return os.read(self._file.fileno(), 65536)
        except BlockingIOError:
            return None

    def _put(self, *lines: bytes) -> None:
        for line in lines:
            self._lines.put(line.decode(errors="replace"))


def log_lines_with_their_call() -> None:
    """Patch the emulator in this process to log lines with the call that wrote them. Call once."""
    # The emulator reads this attribute when it creates its thread: the pipe exists from then on.
    Worker._read_stderr = property(_work)
    Worker._drain_stderr_bounded = _lines


def _work(worker: Any) -> Callable[[], None]:
    worker._pipe = Pipe(worker._proc.stderr, worker._stderr_queue)
    follow: Callable[[], None] = worker._pipe.follow
    return follow


def _lines(worker: Any) -> str:
    """The log lines of the call that has just returned."""
    if worker._proc is None:
        worker._stderr_thread.join(END_SECONDS)
    else:
        worker._pipe.take()
    return str(worker._drain_stderr())
