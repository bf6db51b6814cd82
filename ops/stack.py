"""A stack, local or on AWS: its outputs, and clients for its services."""

import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3

from local.emulator_client import Aws
from local.errors import UserError
from local.home import Home

REGION = re.compile(r"arn:[a-z-]+:dynamodb:([a-z0-9-]+):")
"""Finds the region in a table's ARN."""


class Stack(NamedTuple):
    """A stack's outputs, and a function that returns the client of a service, by boto3's service name."""

    outputs: dict[str, Any]
    client: Callable[[str], Any]

    def output(self, name: str) -> str:
        """One output. Raises `UserError` if the stack does not have it."""
        value = self.outputs.get(name)
        if not isinstance(value, str) or not value:
            raise UserError(f"the outputs have no `{name}`; pass the output of `pulumi stack output --json`")
        return value


def find_stack(home: Path, outputs: str | None) -> Stack:
    """The local run in `home`, or the stack on AWS whose outputs are in a file (`-`: standard input).

    Raises `UserError`.
    """
    return local_stack(Home(home)) if outputs is None else aws_stack(read_outputs(outputs))


def local_stack(home: Home) -> Stack:
    """The local run in a folder. Raises `UserError` if nothing is running there."""
    outputs = home.outputs()
    return Stack(outputs, Aws(f"http://localhost:{urlsplit(outputs['apiUrl']).port}", region(outputs) or "").client)


def aws_stack(outputs: dict[str, Any]) -> Stack:
    """A stack on AWS, in its own region, with the credentials that boto3 finds."""
    session: Any = boto3.Session(region_name=region(outputs))
    return Stack(outputs, cache(session.client))


def region(outputs: dict[str, Any]) -> str | None:
    """The region of the orders table; `None` if the outputs have none, so that boto3 uses its own default."""
    found = REGION.match(str(outputs.get("ordersTableArn")))
    return found and found[1]


def read_outputs(source: str) -> dict[str, Any]:
    """Read a stack's outputs from a JSON file, or from standard input for `-`. Raises `UserError`."""
    name = "standard input" if source == "-" else source
    try:
        content = json.loads(sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--outputs {name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"--outputs {name} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"--outputs {name} is not a JSON object; pass the output of `pulumi stack output --json`")
    return content
