"""What the console changes: it calls functions, and handles dead letters as `python -m ops` does."""

import json
import subprocess
import sys
from typing import Any

from ops.emulator_client import Aws
from ops.errors import UserError
from ops.home import Home

from ..emulator_settings import DEBUG_SECONDS
from ..functions import find_function
from ..invoke import invoke
from ..recorder.raw import Kind
from ..recorder.record import Record
from ..recorder.redaction import REDACTED, redacted, redacted_lines

NEEDS_SECRETS = frozenset({"authenticate", "authorize", "authorize_live"})
"""Functions whose events are useless without the secrets in them."""

SECONDS = 120
"""How long a command of `ops` may take."""


def call(aws: Aws, module: str, event: Any) -> dict[str, Any]:
    """Call a function with an event. Raises `UserError` if there is none with this module."""
    # A function that is being debugged takes its time, and must not be called again.
    patient = Aws(aws.endpoint, aws.region, timeout_seconds=DEBUG_SECONDS, attempts=1)
    answer = invoke(patient, find_function(aws, module), event)
    returned = redacted(json.dumps(answer.returned, indent=2, ensure_ascii=False))
    return {"returned": returned, "error": redacted(answer.error or ""), "log": redacted_lines("\n".join(answer.log))}


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


def operate(home: Home, *arguments: str) -> str:
    """Run a command of `python -m ops` for the run in a home, and return what it printed. Raises `UserError` with it if
    the command failed."""
    command = [sys.executable, "-m", "ops", *arguments, "--home", str(home.path)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise UserError(f"`ops {arguments[0]}` did not end within {SECONDS} s") from None
    said = f"{ended.stdout}{ended.stderr}".strip()
    if ended.returncode:
        raise UserError(said or f"`ops {arguments[0]}` failed")
    return said
