"""Recordings of the program, converted to the rules' `Stack`."""

from functools import cache

from policy.rule import Resource, Stack
from tests.components.recorder import (
    Recorded,
    Recording,
    configured_stack,
    gradual_stack,
    record_stack,
    recorded_stack,
)

STACKS = [
    "dev",
    "prod",
    "local",
    "dev with the workflow",
    "dev with snapshots",
    "dev with gradual release",
    "configured",
]


@cache
def recording(stack: str) -> Recording:
    """The update of a stack, run once."""
    match stack:
        case "dev with the workflow":
            return recorded_stack("dev", workflow=True)
        case "dev with snapshots":
            return record_stack("dev", config={"cafe:snapStart": "true"})
        case "dev with gradual release":
            return gradual_stack()
        case "configured":
            return configured_stack()
    return recorded_stack(stack)


def resource(recorded: Recorded, *, created: bool) -> Resource:
    """A resource before or after it is created."""
    return Resource(
        recorded.type,
        recorded.name,
        recorded.urn,
        recorded.outputs if created and recorded.custom else recorded.inputs,
        recorded.protect,
        recorded.input_dependencies,
        recorded.dependencies,
    )


@cache
def stack(name: str, *, created: bool) -> Stack:
    """All resources of a stack, before or after they are created."""
    return Stack(resource(each, created=created) for each in recording(name).resources)
