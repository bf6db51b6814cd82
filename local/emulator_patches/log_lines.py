"""A mend for the emulator: what a function has logged in a call is in its log when the call is over.

The emulator, as of ministack 1.5.33, reads what a function writes in a thread of its own, and once a call is answered
gives that thread a few milliseconds more. On a busy machine it needs longer now and then: the lines that are missing
are then logged with the next call in the same process, if there is one. A function writes its lines before its answer,
though: whoever has the answer finds in the pipe whatever nobody has read yet. Here it is read then.
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
    """What a process writes, line by line, into a queue. Its lines are whole and in their order, whoever reads them."""

    def __init__(self, file: IO[Any], lines: "SimpleQueue[str]") -> None:
        self._file = file  # kept, so that nobody else gets its number
        self._lines = lines
        self._rest = b""
        self._lock = Lock()
        os.set_blocking(file.fileno(), False)

    def follow(self) -> None:
        """Take lines as they come, until the process has ended."""
        change = select.poll()
        change.register(self._file.fileno(), select.POLLIN)
        while self.take():
            change.poll()

    def take(self) -> bool:
        """Take all lines that have been written. Returns whether there may be more later."""
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
        """What is there: nothing (`None`) so far, or nothing any more."""
        try:
            return os.read(self._file.fileno(), 65536)
        except BlockingIOError:
            return None

    def _put(self, *lines: bytes) -> None:
        for line in lines:
            self._lines.put(line.decode(errors="replace"))


def log_lines_with_their_call() -> None:
    """Let the emulator, in this process, log lines with the call in which they were written. To be called once."""
    # Where the emulator makes its thread, it asks for the work: the pipe is there from then on.
    Worker._read_stderr = property(_work)
    Worker._drain_stderr_bounded = _lines


def _work(worker: Any) -> Callable[[], None]:
    worker._pipe = Pipe(worker._proc.stderr, worker._stderr_queue)
    follow: Callable[[], None] = worker._pipe.follow
    return follow


def _lines(worker: Any) -> str:
    """The lines of the call that has just been answered."""
    if worker._proc is None:
        worker._stderr_thread.join(END_SECONDS)
    else:
        worker._pipe.take()
    return str(worker._drain_stderr())
