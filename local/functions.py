"""Finds the functions of a running stack by their handlers' modules."""

from typing import Any, NamedTuple

from .emulator_client import Aws
from .errors import UserError


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


def find_function(aws: Aws, module: str) -> Function:
    """A function by its module. Raises `UserError` with the functions that there are."""
    functions = {function.module: function for function in all_functions(aws)}
    if module not in functions:
        raise UserError(f"unknown function {module!r}; available: {', '.join(functions)}")
    return functions[module]


def _function(configuration: dict[str, Any]) -> Function:
    name = configuration["FunctionName"]
    group = configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    return Function(module_of(configuration.get("Handler", "")) or name, name, group)


def module_of(handler: str) -> str:
    """The module of a handler."""
    return handler.rpartition(".")[0].rpartition(".")[2]
