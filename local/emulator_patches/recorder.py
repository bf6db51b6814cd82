"""Records what happens in the emulator, until the process that started it asks for it.

Recording must not slow down what it records: each record is kept as bytes, and read only after it was sent.
"""

import itertools
import json
import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from ..recorder.raw import MADE, MEMORY_BYTES, PAYLOAD_BYTES, Kind, Raw, Verdict, encode, payload

logger = logging.getLogger(__name__)

MOST_RECEIVED = 1000
"""How many messages or changes an invocation can have got, as far as it is recorded."""


class Open:
    """Something that happens while a block runs: what else happens then belongs to it."""

    __slots__ = ("_began", "_token", "at", "id", "parent", "passed", "verdicts")

    def __init__(self, number: int) -> None:
        self.id = number
        self.verdicts: list[Verdict] = []
        self.passed = ""

    def __enter__(self) -> "Open":
        outer = current.get()
        self.parent = outer.id if outer else 0
        self._token = current.set(self)
        self.at, self._began = time.time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        current.reset(self._token)

    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._began


current: ContextVar[Open | None] = ContextVar("current_record", default=None)


def new_trace() -> str:
    """A value for `X-Amzn-Trace-Id` that nothing else has (X-Ray developer guide, "Tracing header")."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0;{MADE}"


class Recorder:
    """Keeps records, at most `MEMORY_BYTES` of them, and sends them all as soon as the other process wants them."""

    def __init__(self, connection: Connection) -> None:
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._is_wanted = False
        self._has_ended = False
        self._numbers = itertools.count(1)
        threading.Thread(target=self._send, args=(connection,), daemon=True).start()

    def open(self) -> Open:
        """Something that happens while the block runs. Add its record at the end of the block."""
        return Open(next(self._numbers))

    def add(self, build: Callable[..., Raw], *arguments: Any) -> None:
        """Keep the record that a function builds. What is recorded must go on, whatever happens here."""
        if self._has_ended:
            return
        try:
            # As bytes, records do not slow down the garbage collector.
            content = _encoded(build(*arguments))
        except Exception:
            logger.exception("not recorded")
            return
        with self._lock:
            self._waiting.append(content)
            self._size += len(content)
            while self._size > MEMORY_BYTES:
                self._size -= len(self._waiting.popleft())
        if self._is_wanted:
            self._changed.set()

    def moment(self) -> tuple[int, float]:
        """The ID of the next record, and the time."""
        return next(self._numbers), time.time()

    def note(
        self,
        kind: Kind,
        name: str,
        content: Any,
        *ids: str,
        received: Sequence[str] = (),
        moment: tuple[int, float] | None = None,
    ) -> None:
        """Keep a record of something that takes no time. What follows it may have begun already: then `moment` says
        when it happened."""
        outer, (number, at) = current.get(), moment or self.moment()

        def build() -> Raw:
            sent = payload(content.encode(errors="replace") if isinstance(content, str) else as_json(content))
            parent = outer.id if outer else 0
            return Raw(number, kind, at, 0, parent, name, sent, ids=list(ids), received=list(received))

        self.add(build)

    def _send(self, connection: Connection) -> None:
        try:
            connection.recv_bytes()  # the other process wants the records
            self._is_wanted = True
            while True:
                while self._waiting:
                    with self._lock:
                        content = self._waiting.popleft()
                        self._size -= len(content)
                    connection.send_bytes(content)
                self._changed.wait()
                self._changed.clear()
        except (EOFError, OSError):
            # That process has ended.
            self._has_ended = True


def open_recorder(variable: str) -> Recorder | None:
    """The recorder for the process that passed the descriptor of its connection in an environment variable, if any."""
    descriptor = os.environ.get(variable)
    return Recorder(Connection(int(descriptor))) if descriptor else None


def _encoded(record: Raw) -> bytes:
    """A record as bytes, with texts of a limited length, and without half characters, such as half of an emoji."""
    for name in ("name", "method", "host", "error", "traceback"):
        text = getattr(record, name)
        if len(text) > PAYLOAD_BYTES:
            setattr(record, name, f"{text[:PAYLOAD_BYTES]} [cut]")
    del record.received[MOST_RECEIVED:]
    try:
        return encode(record)
    except UnicodeEncodeError:
        texts = {name: getattr(record, name) for name in ("name", "method", "host", "log", "error", "traceback")}
        changed = {name: text.encode(errors="replace").decode() for name, text in texts.items()}
        return encode(msgspec.structs.replace(record, **changed))


def as_json(content: Any) -> bytes:
    """Content that came as JSON, or is to be read as such."""
    try:
        return msgspec.json.encode(content, enc_hook=str)
    except (TypeError, ValueError):
        # Such as half a character.
        return json.dumps(content, default=str).encode()
