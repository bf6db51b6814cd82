"""All records of a run that are kept."""

import os
import stat
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from ops.errors import UserError

from .raw import MEMORY_BYTES, decode
from .record import Record, read

FILE_BYTES = 1024**3
"""How much is written to the file of `up --record`."""


class Recordings:
    """Records in the order in which they ended, at most `MEMORY_BYTES` of them. Safe to use from several threads."""

    def __init__(self) -> None:
        self.number = 0
        """How many records there have been."""
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._sources: dict[str, int] = {}
        """The records that pass on a trace, by trace, and those of messages and changes, by their ID."""
        self._children: defaultdict[int, list[int]] = defaultdict(list)
        self._orphans: defaultdict[str, list[int]] = defaultdict(list)
        """Calls whose invocation has not ended, by trace."""
        self._size = 0
        self._lock = threading.Lock()

    def add(self, record: Record) -> None:
        """Keep a record; the oldest make room."""
        with self._lock:
            self._records[record.id] = record
            self._size += record.size()
            self.number += 1
            for id_ in (*record.ids, *([record.passed] if record.passed else [])):
                self._sources[id_] = record.id
            if record.passed:
                self._children[record.id] += self._orphans.pop(record.passed, [])
            if parent := self._parent_of(record):
                self._children[parent].append(record.id)
            elif record.carried:
                self._orphans[record.carried].append(record.id)
            while self._size > MEMORY_BYTES:
                self._forget()

    def _parent_of(self, record: Record) -> int:
        return record.parent or self._sources.get(record.carried, 0)

    def _forget(self) -> None:
        _, oldest = self._records.popitem(last=False)
        self._size -= oldest.size()
        self._children.pop(oldest.id, None)
        self._orphans.pop(oldest.carried, None)
        for id_ in (*oldest.ids, oldest.passed):
            self._sources.pop(id_, None)

    def all(self) -> list[Record]:
        """All records that are kept."""
        with self._lock:
            return list(self._records.values())

    def get(self, id_: int) -> Record | None:
        """A record by its ID."""
        return self._records.get(id_)

    def find(self, id_: str) -> Record | None:
        """A record by its ID, or by an ID of what it is about, such as Lambda's request ID."""
        return self.get(int(id_) if id_.isdecimal() else self._sources.get(id_, 0))

    def since(self, number: int) -> list[Record]:
        """The records after the first `number`, as far as they are kept."""
        with self._lock:
            wanted = min(self.number - number, len(self._records))
            values = self._records.values()
            return [value for value, _ in zip(reversed(values), range(wanted), strict=False)][::-1]

    def parent(self, record: Record) -> Record | None:
        """What a record happened within."""
        return self._records.get(self._parent_of(record))

    def causes(self, record: Record) -> list[Record]:
        """What led to a record: the one that it happened within, or the messages and changes that it got."""
        ids = [self._parent_of(record), *(self._sources.get(id_, 0) for id_ in record.received)]
        return [self._records[id_] for id_ in dict.fromkeys(ids) if id_ in self._records]

    def children(self, record: Record) -> list[Record]:
        """What happened within a record."""
        with self._lock:
            return [self._records[id_] for id_ in self._children.get(record.id, []) if id_ in self._records]


def follow(connection: Connection) -> Iterator[Record]:
    """Ask for the records, and return them as they come, until the connection ends."""
    try:
        connection.send_bytes(b"start")
        while True:
            yield read(decode(connection.recv_bytes()))
    except (EOFError, OSError):
        return


class RecordFile:
    """The file of `up --record`: a record in JSON on each line."""

    def __init__(self, path: Path) -> None:
        """Raises `UserError` if it cannot be written."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            if stat.S_ISREG(os.fstat(self._file).st_mode):
                os.fchmod(self._file, 0o600)  # also if the file existed
        except OSError as error:
            raise UserError(f"--record {path} cannot be written: {error.strerror}") from None
        self._left = FILE_BYTES

    def write(self, record: Record) -> None:
        """Append a record, unless the file is full."""
        line = msgspec.json.encode(record) + b"\n"
        if len(line) <= self._left:
            os.write(self._file, line)
            self._left -= len(line)
