"""The café's functions: one for each module in `lambdas/`."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from .blocks.iam import Grant
from .blocks.link import Link
from .blocks.python_function import FunctionPlatform, PythonFunction


class FunctionArgs(TypedDict):
    """The inputs of `PythonFunction` that are specific to one function: an entry for `make_functions`."""

    description: str
    function_name: NotRequired[pulumi.Input[str]]
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    grants: NotRequired[Sequence[Grant]]
    synchronous: NotRequired[bool]
    timeout_seconds: NotRequired[int]
    memory_mb: NotRequired[int]
    runtime: NotRequired[str]
    links: NotRequired[Sequence[Link]]


def make_functions(
    name: str, platform: FunctionPlatform, functions: Mapping[str, FunctionArgs], opts: pulumi.ResourceOptions
) -> dict[str, PythonFunction]:
    """A function for each module in `lambdas/`, by module. `get_order` becomes `{name}-get-order`."""
    return {
        module: PythonFunction(
            f"{name}-{module.replace('_', '-')}",
            {"synchronous": False, **args, "platform": platform, "module": f"lambdas.{module}"},
            opts,
        )
        for module, args in functions.items()
    }
