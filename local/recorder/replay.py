"""Finds the event of a recorded call, to send it again."""

import json
from typing import Any

from ..errors import UserError
from .raw import Kind
from .record import Record
from .redaction import REDACTED

NEEDS_SECRETS = frozenset({"authenticate", "authorize", "authorize_live"})
"""Functions whose events are useless without the secrets in them."""


def recorded_event(record: Record | None, id_: str) -> tuple[str, Any]:
    """The function of a recorded call, and its event without secrets. Raises `UserError` if it cannot be repeated."""
    if record is None:
        raise UserError(f"there is no record {id_}: the oldest make room for new ones")
    if record.kind != Kind.INVOCATION:
        raise UserError(f"the record {id_} is not a call of a function but {record.title}")
    if record.target in NEEDS_SECRETS:
        raise UserError(f"calls of {record.target} cannot be replayed: their secrets are not recorded")
    try:
        return record.target, json.loads(record.request)
    except ValueError:
        raise UserError(f"the event of {id_} is longer than what is recorded of it") from None


def lost(event: Any) -> int:
    """How many secrets an event is without."""
    return json.dumps(event).count(REDACTED)
