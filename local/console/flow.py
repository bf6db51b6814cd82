"""Where events move: the architecture, and which way each record took."""

from typing import Any

import msgspec

from ..recorder.raw import Kind
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


def picture(graph: Graph) -> dict[str, Any]:
    """The nodes and edges, as the page draws them."""
    return {
        "nodes": [node._asdict() for node in graph.nodes],
        "edges": [edge._asdict() for edge in graph.edges],
    }


def moves(records: list[Record], recordings: Recordings, graph: Graph) -> list[Move]:
    """The moves of records that concern a node."""
    return [move for record in records if (move := _move(record, recordings, graph))]


def _move(record: Record, recordings: Recordings, graph: Graph) -> Move | None:
    target = graph.find(record.target)
    if not target:
        return None
    if record.kind == CALL:
        source = graph.function_of(record.caller)
        if not source:
            return None  # of a deployment, or of a developer
    else:
        cause = next(iter(recordings.causes(record)), None)
        source = _node(cause, graph) if cause else ""
    if source == target:
        return None
    return Move(record.id, record.kind, record.title, record.at, record.ms, record.is_ok, source, target)


def _node(record: Record, graph: Graph) -> str:
    """The node at which a record's effects begin: a call's are those of its function."""
    if record.kind == CALL:
        return graph.function_of(record.caller)
    if record.kind in (Kind.STREAM, Kind.MESSAGE, Kind.TOPIC, Kind.INVOCATION, Kind.REQUEST, Kind.TASK, Kind.LIVE):
        return graph.find(record.target)
    return ""
