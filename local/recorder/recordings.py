"""All records of a run that are kept."""

import logging
import os
import stat
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from ..errors import UserError
from .raw import MADE, MEMORY_BYTES, Kind, decode
from .record import Record, read

logger = logging.getLogger(__name__)

MOST_DIGITS = 18
"""Of a record's ID."""

FILE_BYTES = 1024**3
"""How much is written to the file of `up --record`."""


class Recordings:
    """Records in the order in which they ended, at most `MEMORY_BYTES` of them. Safe to use from several threads."""

    def __init__(self) -> None:
        self.number = 0
        """How many records there have been."""
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._sources: defaultdict[str, list[int]] = defaultdict(list)
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
            for name in _names(record):
                self._sources[name].append(record.id)
            if orphans := self._orphans.pop(record.passed, []):
                self._children[record.id] += orphans
            if parent := self._parent_of(record):
                self._children[parent].append(record.id)
            elif record.carried:
                self._orphans[record.carried].append(record.id)
            while self._size > MEMORY_BYTES:
                self._forget()

    def _parent_of(self, record: Record) -> int:
        return record.parent or next(iter(self._sources.get(record.carried, [])), 0)

    def _forget(self) -> None:
        _, oldest = self._records.popitem(last=False)
        self._size -= oldest.size()
        self._children.pop(oldest.id, None)
        _remove(self._children, self._parent_of(oldest), oldest.id)
        _remove(self._orphans, oldest.carried, oldest.id)
        for name in _names(oldest):
            _remove(self._sources, name, oldest.id)

    def all(self) -> list[Record]:
        """All records that are kept."""
        with self._lock:
            return list(self._records.values())

    def get(self, id_: int) -> Record | None:
        """A record by its ID."""
        return self._records.get(id_)

    def find(self, id_: str) -> Record | None:
        """A record by its ID, or by an ID of what it is about, such as Lambda's request ID."""
        if id_.isdecimal() and len(id_) <= MOST_DIGITS:
            return self.get(int(id_))
        return next(iter(self._kept(self._sources.get(id_, []))), None)

    def since(self, number: int) -> tuple[int, list[Record]]:
        """How many records there have been, and those after the first `number`, as far as they are kept."""
        with self._lock:
            wanted = min(self.number - number, len(self._records))
            return self.number, [*islice(reversed(self._records.values()), wanted)][::-1]

    def parent(self, record: Record) -> Record | None:
        """What a record happened within."""
        return self._records.get(self._parent_of(record))

    def waits(self, record: Record) -> bool:
        """Whether what a record happened within has not ended."""
        parent = self._parent_of(record)
        return parent not in self._records if parent else MADE in record.carried

    def causes(self, record: Record) -> list[Record]:
        """What led to a record: the messages and changes that it got, or that it is a copy of, else the one that it
        happened within."""
        copied = record.ids if record.kind == Kind.MESSAGE else ()
        ids = [self._before(record, name) for name in (*record.received, *copied)]
        found = self._kept(dict.fromkeys(ids))
        parent = self.parent(record)
        return found or ([parent] if parent else [])

    def _before(self, record: Record, name: str) -> int:
        """The last record of a message or change that had begun before another did."""
        return max((it for it in self._sources.get(name, []) if it < record.id), default=0)

    def children(self, record: Record) -> list[Record]:
        """What happened within a record."""
        with self._lock:
            return self._kept(self._children.get(record.id, []))

    def _kept(self, ids: Iterable[int]) -> list[Record]:
        return [record for id_ in [*ids] if (record := self._records.get(id_))]


def _names(record: Record) -> tuple[str, ...]:
    """By what others refer to a record."""
    return (*record.ids, record.passed) if record.passed else record.ids


def _remove(lists: dict[Any, list[int]], key: Any, id_: int) -> None:
    if key in lists and id_ in lists[key]:
        lists[key].remove(id_)
        if not lists[key]:
            del lists[key]


def follow(connection: Connection) -> Iterator[Record]:
    """Ask for the records, and return them as they come, until the connection ends."""
    try:
        connection.send_bytes(b"start")
        while True:
            content = connection.recv_bytes()
            try:
                record = read(decode(content))
            except Exception:
                logger.exception("a record cannot be read")
                continue
            yield record
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
        self._path = path
        self._left = FILE_BYTES

    def write(self, record: Record) -> None:
        """Append a record. Raises `UserError` if the file is full, or cannot be written any more."""
        line = msgspec.json.encode(record) + b"\n"
        if len(line) > self._left:
            raise UserError(f"--record {self._path} has {FILE_BYTES:,} bytes: nothing more is written to it")
        self._left -= len(line)
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise UserError(f"--record {self._path} cannot be written any more: {error.strerror}") from None
