"""Finds the functions of a running stack by their handlers' modules."""

import re
from typing import Any, NamedTuple

from .emulator_client import Aws
from .errors import UserError

GENERATED = re.compile(r"-[0-9a-f]{7}$")
"""The end of a generated name."""


class Function(NamedTuple):
    """A deployed function."""

    module: str
    """The handler's module, as people name the function: `create_order` of `lambdas.create_order.handler`."""
    name: str
    log_group: str


def all_functions(aws: Aws) -> list[Function]:
    """The functions of a stack, by module."""
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    return sorted(_function(configuration) for page in pages for configuration in page["Functions"])


def find_function(aws: Aws, name: str) -> Function:
    """A function by its module, its name in the program, or its name in AWS. Raises `UserError` with the functions
    that there are."""
    functions = all_functions(aws)
    found = [it for it in functions if name in (it.module, it.name, GENERATED.sub("", it.name))]
    if len(found) > 1:
        raise UserError(f"several functions have the module {name!r}; name one: {', '.join(it.name for it in found)}")
    if not found:
        raise UserError(f"unknown function {name!r}; available: {', '.join(it.module for it in functions)}")
    return found[0]


def _function(configuration: dict[str, Any]) -> Function:
    name = configuration["FunctionName"]
    group = configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    return Function(module_of(configuration.get("Handler", "")) or name, name, group)


def module_of(handler: str) -> str:
    """The module of a handler."""
    return handler.rpartition(".")[0].rpartition(".")[2]
