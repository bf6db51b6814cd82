"""What the console shows and does."""

import re
import secrets
import time
from typing import Any

import msgspec

from ..emulator_client import Aws
from ..emulator_settings import OBSERVER
from ..errors import UserError
from ..functions import all_functions
from ..recorder.record import Record
from ..recorder.recordings import Recordings
from ..recorder.replay import recorded_event
from ..recorder.usage import Usage
from ..session import Session
from ..tracebacks import readable
from . import actions, data, functions, permissions
from .flow import Move, architecture, moves
from .graph import Graph
from .order import Row, known_orders, waterfall

GRAPH_SECONDS = 1
"""How old the graph may be that is shown."""

WORD = re.compile(r"\w[\w-]{0,99}")

DISCARDED = "discarded.jsonl"
"""The file in the run's home in which discarded messages are recorded."""


class Views:
    """The views of a run, as values for JSON. Methods raise `UserError`, and boto3's errors."""

    def __init__(self, session: Session, recordings: Recordings, usage: Usage) -> None:
        self.recordings = recordings
        self.run = secrets.token_hex(8)
        """Differs from that of other runs, whose records have the same IDs."""
        self._session = session
        self._usage = usage
        self._aws = Aws(session.aws.endpoint, session.aws.region, user_agent=OBSERVER)
        self._drawn: tuple[float, Graph] | None = None

    def _graph(self) -> Graph:
        """The graph, at most `GRAPH_SECONDS` old."""
        if self._drawn is None or time.monotonic() > self._drawn[0] + GRAPH_SECONDS:
            project = self._session.project
            graph = Graph([*self._session.state.resources.values()], f"{project.name}-{project.stack}-")
            self._drawn = time.monotonic(), graph
        return self._drawn[1]

    def flow(self) -> dict[str, Any]:
        """The architecture."""
        return architecture(self._graph())

    def news(self, since: int) -> tuple[int, list[Move]]:
        """How many records there have been, and the moves of those after the first `since`."""
        number, records = self.recordings.since(since)
        return number, moves(records, self.recordings, self._graph())

    def orders(self) -> list[dict[str, Any]]:
        """The orders that changed, latest first."""
        return known_orders(self.recordings, str(self._session.outputs.get("ordersTableArn")))

    def order(self, customer: str, id_: str) -> list[Row]:
        """An order's waterfall."""
        return waterfall(self.recordings, customer, id_, {it["id"] for it in self.orders()})

    def record(self, id_: int) -> dict[str, Any]:
        """All that is known of a record."""
        record = self.recordings.get(id_)
        if record is None:
            raise UserError(f"there is no record {id_}: the oldest make room for new ones")
        shown = dict(msgspec.to_builtins(record))
        shown["traceback"] = self._readable(record.traceback)
        shown["causes"] = [_link(it) for it in self.recordings.causes(record)]
        shown["children"] = [_link(it) for it in self.recordings.children(record)]
        return shown

    def functions(self) -> list[dict[str, Any]]:
        """What each function did."""
        modules = [it.module for it in all_functions(self._aws)]
        found = functions.functions(self.recordings.all(), modules, time.time() * 1000)
        for each in found:
            if failure := each["failure"]:
                failure["traceback"] = self._readable(failure["traceback"])
                failure["position"] = functions.position(failure["traceback"])
        return found

    def permissions(self) -> list[dict[str, Any]]:
        """What each function may do, did, and lacked."""
        return permissions.permissions(self._graph(), self._usage)

    def data(self) -> dict[str, Any]:
        """What the run holds."""
        return data.data(self._aws, self._graph(), self._session.outputs)

    def items(self, table: str) -> list[str]:
        """The first items of a table."""
        return data.items(self._aws, table)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """The messages in a queue, each with the last failure of a function that got it."""
        failed = {id_: it.error for it in self.recordings.all() if it.error for id_ in it.failed()}
        return [{**it, "why": failed.get(it["id"], "")} for it in data.messages(self._aws, queue)]

    def invoke(self, content: dict[str, Any]) -> dict[str, Any]:
        """Call a function with an event."""
        return actions.call(self._aws, _text(content, "function"), content.get("event"))

    def replay(self, content: dict[str, Any]) -> dict[str, Any]:
        """Send a recorded event to its function again."""
        id_ = content.get("id")
        record = self.recordings.get(id_) if isinstance(id_, int) else None
        module, event = recorded_event(record, str(id_))
        return actions.call(self._aws, module, event)

    def redrive(self, content: dict[str, Any]) -> dict[str, str]:
        """Send the messages of a dead-letter queue back."""
        return {"said": actions.operate(self._session.home, "redrive", _text(content, "queue"))}

    def discard(self, content: dict[str, Any]) -> dict[str, str]:
        """Delete a message of a dead-letter queue, and record it."""
        file = self._session.home.path / DISCARDED
        arguments = (_text(content, "queue"), _text(content, "id"), "--record", str(file))
        return {"said": actions.operate(self._session.home, "discard", *arguments)}

    def _readable(self, traceback: str) -> str:
        return readable(traceback, self._session.project.root, self._session.home.scratch) if traceback else ""


def _link(record: Record) -> dict[str, Any]:
    return {"id": record.id, "kind": record.kind, "title": record.title}


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise UserError(f"the body must name the {name}")
    return value
