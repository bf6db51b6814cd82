"""`logs`: the log lines of functions, readable, with tracebacks that have the project's own paths."""

import json
import re
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from .emulator_client import Aws
from .errors import UserError
from .functions import Function, all_functions, find_function
from .text import short
from .tracebacks import readable

FOLLOW_SECONDS = 0.5
"""The interval between two looks for new lines."""

OF_LAMBDA = re.compile(r"(START|END|REPORT|INIT_START) ")
"""What Lambda logs about each call."""

HIDDEN = {
    "cold_start",
    "correlation_id",
    "exception_name",
    "function_arn",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "location",
    "service",
    "stack_trace",
    "timestamp",
    "xray_trace_id",
}
"""Keys of a log line that are the same for all lines of a call, or that its other values tell."""


class Call(NamedTuple):
    """What a call of a function logged, in its own log stream."""

    time_ms: int
    function: str
    lines: tuple[str, ...]


def show_logs(aws: Aws, module: str | None, order: str | None, *, follow: bool, root: Path, scratch: Path) -> None:
    """Print what one function logged, or all, call by call, oldest first. With `order`, only calls that name this
    order. With `follow`, go on with new calls until Ctrl-C. Raises `UserError`."""
    functions = [find_function(aws, module)] if module else all_functions(aws)
    seen = set[str]()
    since = 0
    while True:
        calls = sorted(call for function in functions for call in _new_calls(aws, function, since, seen))
        for call in calls:
            if not order or any(order in line for line in call.lines):
                for text in described(call.lines, root, scratch):
                    at = datetime.fromtimestamp(call.time_ms / 1000).strftime("%H:%M:%S.%f")[:-3]
                    print(f"{at} {call.function} {text}", flush=True)
        if not follow:
            return
        # Two calls can log at the same time.
        since = max([since, *(call.time_ms for call in calls)])
        time.sleep(FOLLOW_SECONDS)


def _new_calls(aws: Aws, function: Function, since: int, seen: set[str]) -> Iterator[Call]:
    """The calls that are not among the log streams `seen`, which grow by them."""
    logs = aws.client("logs")
    lines: dict[str, list[dict[str, Any]]] = {}
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=function.log_group, startTime=since)
        for event in (event for page in pages for event in page["events"]):
            lines.setdefault(event["logStreamName"], []).append(event)
    except logs.exceptions.ResourceNotFoundException:
        return  # the function has not been called
    except (ConnectionClosedError, EndpointConnectionError):
        raise UserError("the run has ended") from None
    for stream in lines.keys() - seen:
        yield Call(lines[stream][0]["timestamp"], function.module, tuple(line["message"] for line in lines[stream]))
    seen |= lines.keys()


def described(lines: Iterable[str], root: Path, scratch: Path) -> Iterator[str]:
    """A call's lines for the terminal, without metrics and what Lambda logs about each call."""
    for is_text, group in groupby(lines, lambda line: _logged(line) is None):
        if is_text:
            if text := "\n".join(line for line in group if not OF_LAMBDA.match(line)):
                yield readable(text, root, scratch)
            continue
        for logged in filter(None, map(_logged, group)):
            if "_aws" not in logged:
                yield _line(logged, root, scratch)


def _line(logged: dict[str, Any], root: Path, scratch: Path) -> str:
    more = {key: value for key, value in logged.items() if key not in HIDDEN}
    level, message, exception = (more.pop(key, "") for key in ("level", "message", "exception"))
    text = " ".join([str(level), short(message), *(f"{key}={short(value)}" for key, value in more.items())])
    return f"{text}\n{readable(str(exception), root, scratch)}" if exception else text


def _logged(line: str) -> dict[str, Any] | None:
    """A structured line, or `None` for text."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
