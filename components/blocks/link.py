"""What a function needs to use a resource: environment variables and permissions."""

import re
from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi

from .iam import Grant


class Link(TypedDict):
    """What a function needs to use a resource."""

    environment: Mapping[str, pulumi.Input[str]]
    """Environment variables."""

    grants: Sequence[Grant]
    """Permissions."""


def variable(name: str) -> str:
    """The name of a resource in the name of an environment variable: `ORDER_MAIL` for `order-mail`."""
    return re.sub(r"\W", "_", name).upper()
