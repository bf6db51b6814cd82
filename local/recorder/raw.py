"""What the emulator's process records, as it is sent to the process of `up`: unread and unredacted, to cost little."""

from enum import StrEnum
from typing import Any

import msgspec

PAYLOAD_BYTES = 64 * 1024
"""Longer payloads are cut."""

MADE = "Lineage=recorded"
"""The end of the traces that the recorder makes."""

MEMORY_BYTES = 32 * 1024 * 1024
"""How much each of the two processes keeps at most; the oldest records make room."""


class Kind(StrEnum):
    """What a record is about."""

    REQUEST = "request"
    """An HTTP request: to the API, the site or a service of AWS."""
    INVOCATION = "invocation"
    MESSAGE = "message"
    """A message that entered a queue."""
    STREAM = "stream"
    """A change in a table's stream."""
    TOPIC = "topic"
    """A message that was published to a topic."""
    TASK = "task"
    """A task of a workflow."""
    LIVE = "live"
    """A live event."""
    MAIL = "mail"


class Verdict(msgspec.Struct, frozen=True):
    """IAM's answer to one question."""

    principal: str
    action: str
    resource: str
    is_allowed: bool
    layer: str
    """Whose policy decided: `identity`, `boundary`, `session` or `resource`. Without any: `root`, `unconditional` for
    what nobody is denied, or `credentials` that are not valid."""
    statement: dict[str, Any] | None
    """The statement that decided; `None` if none allows it."""


class Payload(msgspec.Struct, array_like=True, frozen=True):
    """A payload, and its size in bytes before it was cut."""

    content: bytes = b""
    size: int = 0


class Raw(msgspec.Struct, array_like=True):
    """One thing that happened."""

    id: int
    """In the order in which things began."""
    kind: Kind
    at: float
    """When it began, in seconds since 1970."""
    seconds: float
    parent: int
    """The record within which it happened; 0 if there is none."""
    name: str
    """A request's target, a function's handler, the ARN of a queue, table or topic, a channel, or a mail's subject."""
    request: Payload
    answer: Payload = Payload()
    host: str = ""
    method: str = ""
    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    answer_headers: list[tuple[bytes, bytes]] = []
    carried: str = ""
    """The `X-Amzn-Trace-Id` of a request."""
    passed: str = ""
    """The one that the requests of an invocation carry, or that of a distribution to its origin."""
    ids: list[str] = []
    """The ID of a message, change or mail, as its receiver sees it, or Lambda's ID of a request."""
    received: list[str] = []
    """The IDs of the messages and changes that an invocation or a dead letter is about."""
    log: str = ""
    error: str = ""
    traceback: str = ""
    is_cold: bool = False
    verdicts: list[Verdict] = []


def payload(content: bytes) -> Payload:
    """A payload, cut if it is long."""
    return Payload(content[:PAYLOAD_BYTES], len(content))


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Raw).decode
