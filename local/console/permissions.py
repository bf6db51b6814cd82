"""What each function may do, what it did, and what it lacked."""

import json
from fnmatch import fnmatchcase
from typing import Any

from ..recorder.usage import Asked, Usage
from .graph import CONSUMING, Graph


def permissions(graph: Graph, usage: Usage) -> list[dict[str, Any]]:
    """For each function its grants with how often each was used, and what it was denied. Those that were denied
    something come first."""
    found = []
    for role, function in graph.roles.items():
        asked = usage.of(role)
        grants = [
            {
                "action": action,
                "resource": resource,
                "used": _used(action, resource, asked),
                "isLambdas": is_lambdas(action) or (function, resource) in graph.failures,
            }
            for grant in graph.grants
            if grant.function == function
            for action in grant.actions
            for resource in grant.resources
        ]
        denied = [_denied(it) for it in asked if it.denied]
        found.append({"function": graph.label(function), "id": function, "grants": grants, "denied": denied})
    return sorted(found, key=lambda it: (not it["denied"], it["function"]))


def is_lambdas(action: str) -> bool:
    """Whether Lambda itself does this for a function, which the emulator does not ask IAM about."""
    return action in CONSUMING or action.startswith(("logs:", "xray:"))


def _used(action: str, resource: str, asked: list[Asked]) -> int:
    return sum(
        it.allowed
        for it in asked
        if fnmatchcase(it.verdict.action.lower(), action.lower()) and fnmatchcase(it.verdict.resource, resource)
    )


def _denied(asked: Asked) -> dict[str, Any]:
    verdict = asked.verdict
    is_missing = verdict.layer == "identity" and verdict.statement is None
    return {
        "action": verdict.action,
        "resource": verdict.resource,
        "times": asked.denied,
        "layer": verdict.layer,
        "statement": verdict.statement,
        "advice": advice(verdict.layer, verdict.action, is_explicit=verdict.statement is not None),
        "line": line(verdict.action, verdict.resource) if is_missing else "",
        "records": asked.records,
    }


def line(action: str, resource: str) -> str:
    """The grant that is missing, as the program writes it."""
    return json.dumps({"actions": [action], "resources": [resource]})


def advice(layer: str, action: str, *, is_explicit: bool) -> str:
    """What to do about a denial."""
    if is_explicit:
        return f"A statement of the {layer} policy denies {action}: remove or narrow it."
    if layer == "boundary":
        return "The permissions boundary does not allow it: add it in components/blocks/permissions_boundary.py."
    if layer != "identity":
        return f"The policy of the {layer} does not allow it."
    return "No statement of its role allows it: add this to the function's grants."
