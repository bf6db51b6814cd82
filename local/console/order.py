"""The way of one order: everything that touched it, and what waited for what."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from lambdas.runtime.ids import GENERATED_ID

from ..recorder.raw import Kind
from ..recorder.record import Record
from ..recorder.recordings import Recordings

UNIQUE = re.compile(rf"{GENERATED_ID}|[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")
"""An ID that the API generated, or that of a message in the intake queue."""

MOST = 200
"""How many orders are listed."""


class Row(msgspec.Struct):
    """A bar of the waterfall. Times are in ms."""

    id: int
    kind: str
    title: str
    at: float
    """When it began, after the first."""
    ms: float
    waited: float
    """How long it was in a queue or a stream, until a function was free."""
    depth: int
    cause: int
    """The record that led to it; 0 if there is none."""
    is_ok: bool
    is_cold: bool
    status: int
    denied: str
    """The action that IAM denied, if any."""
    error: str
    """Why it failed, if it says so."""


def known_orders(recordings: Recordings, table: str) -> list[dict[str, Any]]:
    """The last orders in the stream of the orders table with this ARN: ID, customer, status and time of the last
    change, latest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
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
            found.pop((customer, id_), None)
            found[customer, id_] = {"id": id_, "customer": customer, "status": status, "at": record.at}
    return [*found.values()][: -MOST - 1 : -1]


def waterfall(recordings: Recordings, customer: str, id_: str, others: set[str]) -> list[Row]:
    """The rows of an order's waterfall: what names it, what that happened within, and what happened within that, unless
    it names only `others`.

    IDs that clients chose can be any words, and those of several orders: they count only beside the customer.
    """
    is_unique = bool(UNIQUE.fullmatch(id_))
    chosen: dict[int, Record] = {}
    for record in recordings.all():
        if record.mentions(id_) and (is_unique or record.mentions(customer)):
            _add(record, recordings, chosen)
    # Of a batch that a stream gave up, its dead letter names no order.
    for record in recordings.all():
        if record.kind == Kind.MESSAGE and any(it.id in chosen for it in recordings.causes(record)):
            chosen.setdefault(record.id, record)
    unique = {other for other in others if UNIQUE.fullmatch(other)} - {id_}
    for record in [*chosen.values()]:
        for child in _within(record, recordings, unique):
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
        if others and any(others.intersection(UNIQUE.findall(text)) for text in child.texts()):
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
        waited=max(0.0, record.at - cause.at) if cause and record.received else 0,
        depth=depth,
        cause=cause.id if cause else 0,
        is_ok=record.is_ok,
        is_cold=record.is_cold,
        status=record.status,
        denied=next((verdict.action for verdict in record.verdicts if not verdict.is_allowed), ""),
        error=record.error,
    )
