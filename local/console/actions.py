"""What the console changes: it calls functions, and handles dead letters as `python -m ops` does."""

import json
import subprocess
import sys
from typing import Any

from ..emulator_client import Aws
from ..emulator_settings import DEBUG_SECONDS
from ..errors import UserError
from ..functions import find_function
from ..home import Home
from ..invoke import invoke
from ..recorder.redaction import redacted, redacted_lines

SECONDS = 120
"""How long a command of `ops` may take."""


def call(aws: Aws, module: str, event: Any) -> dict[str, Any]:
    """Call a function with an event. Raises `UserError` if there is none with this module."""
    # A function that is being debugged takes its time, and must not be called again.
    patient = Aws(aws.endpoint, aws.region, timeout_seconds=DEBUG_SECONDS, attempts=1)
    answer = invoke(patient, find_function(aws, module), event)
    returned = redacted(json.dumps(answer.returned, indent=2, ensure_ascii=False))
    return {"returned": returned, "error": redacted(answer.error or ""), "log": redacted_lines("\n".join(answer.log))}


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
