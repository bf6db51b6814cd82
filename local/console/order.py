"""The way of one order: everything that touched it, and what waited for what."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ..recorder.raw import Kind
from ..recorder.record import ID_CHARACTERS, Record
from ..recorder.recordings import Recordings

ID = re.compile(rf"(?<![{ID_CHARACTERS}])[{ID_CHARACTERS}]{{1,64}}(?![{ID_CHARACTERS}])")
"""What can be an order's ID."""


class Row(msgspec.Struct):
    """A bar of the waterfall. Times are in ms."""

    id: int
    kind: str
    title: str
    at: float
    """When it began, after the first."""
    ms: float
    waited: float
    """How long after its cause: in a queue or a stream, until a function was free."""
    depth: int
    cause: int
    """The record that led to it; 0 if there is none."""
    is_ok: bool
    is_cold: bool
    status: int
    denied: str
    """The action that IAM denied, if any."""


def known_orders(recordings: Recordings, table: str) -> list[dict[str, Any]]:
    """The orders in the stream of the orders table with this ARN: ID, customer, status and time of the last change,
    latest first."""
    found: dict[str, dict[str, Any]] = {}
    for record in recordings.all():
        if record.kind == Kind.STREAM and record.target == table:
            try:
                change = msgspec.json.decode(record.request)["dynamodb"]
                image = change.get("NewImage") or change.get("OldImage") or {}
                key = change["Keys"]
                id_, customer = key["id"]["S"], key["customer"]["S"]
                status = image["status"]["S"] if "NewImage" in change else "deleted"
            except (msgspec.DecodeError, KeyError):
                continue  # a change that was cut, or not of an order
            found.pop(id_, None)
            found[id_] = {"id": id_, "customer": customer, "status": status, "at": record.at}
    return [*found.values()][::-1]


def way(recordings: Recordings, order: str, others: set[str]) -> list[Row]:
    """The rows of an order's waterfall: what names it, what that happened within, and what happened within that, unless
    it names only `others`."""
    chosen: dict[int, Record] = {}
    for record in recordings.all():
        if record.mentions(order):
            _add(record, recordings, chosen)
    for record in [*chosen.values()]:
        for child in _within(record, recordings, others - {order}):
            chosen.setdefault(child.id, child)
    return _rows(chosen, recordings)


def _add(record: Record, recordings: Recordings, chosen: dict[int, Record]) -> None:
    """Add a record and what led to it."""
    waiting = [record]
    while waiting:
        each = waiting.pop()
        if each.id not in chosen:
            chosen[each.id] = each
            parent = recordings.parent(each)
            waiting += [parent] if parent else []


def _within(record: Record, recordings: Recordings, others: set[str]) -> Iterator[Record]:
    for child in recordings.children(record):
        if others and any(others.intersection(ID.findall(text)) for text in (child.request, child.title, child.answer)):
            continue
        yield child
        yield from _within(child, recordings, others)


def _rows(chosen: dict[int, Record], recordings: Recordings) -> list[Row]:
    began = min((record.at for record in chosen.values()), default=0)
    causes = {id_: _cause(record, recordings, chosen) for id_, record in chosen.items()}
    following: dict[int, list[Record]] = {}
    for id_, record in chosen.items():
        cause = causes[id_]
        following.setdefault(cause.id if cause else 0, []).append(record)
    rows: list[Row] = []
    waiting = [(record, 0) for record in _latest_first(following.get(0, []))]
    while waiting:
        record, depth = waiting.pop()
        rows.append(_row(record, causes[record.id], began, depth))
        waiting += [(each, depth + 1) for each in _latest_first(following.pop(record.id, []))]
    return rows


def _cause(record: Record, recordings: Recordings, chosen: dict[int, Record]) -> Record | None:
    """The last of what led to a record, as far as it is shown."""
    found = [it for it in recordings.causes(record) if it.id in chosen and it.id != record.id]
    return max(found, key=lambda it: it.at, default=None)


def _latest_first(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (record.at, record.id), reverse=True)


def _row(record: Record, cause: Record | None, began: float, depth: int) -> Row:
    return Row(
        id=record.id,
        kind=record.kind,
        title=record.title,
        at=record.at - began,
        ms=record.ms,
        waited=max(0.0, record.at - cause.at) if cause else 0,
        depth=depth,
        cause=cause.id if cause else 0,
        is_ok=record.is_ok,
        is_cold=record.is_cold,
        status=record.status,
        denied=next((verdict.action for verdict in record.verdicts if not verdict.is_allowed), ""),
    )
