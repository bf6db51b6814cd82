"""Where events move: the architecture, and which way each record took."""

from typing import Any

import msgspec

from ..recorder.record import CALL, Record
from ..recorder.recordings import Recordings
from .graph import Graph


class Move(msgspec.Struct):
    """An event between two nodes; `source` is empty if it came from outside."""

    id: int
    kind: str
    title: str
    at: float
    ms: float
    is_ok: bool
    source: str
    target: str


def architecture(graph: Graph) -> dict[str, Any]:
    """The nodes and edges, as the page draws them."""
    return {
        "nodes": [node._asdict() for node in graph.nodes],
        "edges": [edge._asdict() for edge in graph.edges],
    }


def moves(records: list[Record], recordings: Recordings, graph: Graph) -> list[Move]:
    """The moves of records that concern a node. A record ends, and comes, before what it happened within: it moves when
    that has come, too. What began within it and ended later can come again."""
    complete: dict[int, Record] = {}
    waiting = [record for record in records if not recordings.waits(record)]
    while waiting:
        record = waiting.pop()
        complete[record.id] = record
        waiting += [child for child in recordings.children(record) if child.id not in complete]
    in_time = sorted(complete.values(), key=lambda record: (record.at, record.id))
    return [move for record in in_time if (move := _move(record, recordings, graph))]


def _move(record: Record, recordings: Recordings, graph: Graph) -> Move | None:
    target = graph.find(record.target)
    if record.kind == CALL:
        source = graph.function_of(record.caller)
        if not source:
            return None  # of a deployment, or of a developer
    else:
        cause = next(iter(recordings.causes(record)), None)
        # A call reaches its resource; what follows goes on from there.
        source = graph.find(cause.target) if cause else ""
    if not target or source == target:
        return None
    return Move(record.id, record.kind, record.title, record.at, record.ms, record.is_ok, source, target)
