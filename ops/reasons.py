"""Finds in the functions' logs why records failed."""

import json
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from ops.stack import Stack

FAILED = "record failed"
"""The message of such a log line (`lambdas.runtime.batch`)."""


def reasons(stack: Stack, function: str, since: int) -> dict[str, str]:
    """The last reason why a function failed, by record ID and by request ID. `since` is in ms.

    One search for all records, because CloudWatch allows few searches per second.
    """
    group = stack.client("lambda").get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    # A quoted phrase: the emulator does not support JSON patterns, and returns all events for them.
    search = {"logGroupName": group, "startTime": since, "filterPattern": f'"{FAILED}"'}
    try:
        pages = stack.client("logs").get_paginator("filter_log_events").paginate(**search)
        return last_reasons(event for page in pages for event in page["events"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise


def last_reasons(events: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The last reason in log events, by record ID and by request ID."""
    found = {}
    for event in sorted(events, key=lambda event: int(event["timestamp"])):
        try:
            line = json.loads(event["message"])
        except ValueError:
            continue
        if isinstance(line, dict) and line.get("message") == FAILED and "reason" in line:
            for key in ("function_request_id", "record"):
                found[str(line.get(key))] = str(line["reason"])
    return found
