"""Calls a function with an event."""

import base64
import json
from pathlib import Path
from typing import Any, NamedTuple

from .emulator_client import Aws
from .errors import UserError
from .functions import Function


def read_event(file: str) -> Any:
    """The event in a JSON file. Raises `UserError`."""
    try:
        return json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--event {file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"--event {file} is not JSON: {error}") from None


class Answer(NamedTuple):
    """What a call returned, the end of its log (4 KB), and why it failed, if it did."""

    returned: Any
    log: list[str]
    error: str | None


def invoke(aws: Aws, function: Function, event: Any) -> Answer:
    """Call a function."""
    answer = aws.client("lambda").invoke(FunctionName=function.name, Payload=json.dumps(event), LogType="Tail")
    returned = json.load(answer["Payload"])
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").splitlines()
    return Answer(returned, log, returned["errorMessage"] if "FunctionError" in answer else None)
