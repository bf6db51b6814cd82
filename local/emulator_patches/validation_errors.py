"""Fixes the emulator: a gateway response can say why a body was refused.

On AWS, `$context.error.validationErrorString` is the validator's message (API Gateway developer guide, variables for
access logging and gateway responses), in a form that fits into a JSON string. ministack 1.5.33 does not replace it.
"""

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway_v1 as v1

VARIABLE = b"$context.error.validationErrorString"

_refused: ContextVar[tuple[Any, Any]] = ContextVar("_refused", default=(None, None))
"""The schema and the body that failed last in this request."""


def explain_validation_errors() -> None:
    """Patch the emulator in this process to replace the variable. Call once."""
    is_valid, render = v1._json_schema_valid, v1._gateway_error_response

    def remember(schema: Any, value: Any, root: Any, seen: Any = ()) -> bool:
        valid = bool(is_valid(schema, value, root, seen))
        if not valid and schema is root and not seen:
            _refused.set((schema, value))
        return valid

    def explain(error: Any, request: Any) -> Any:
        status, headers, body = render(error, request)
        if VARIABLE in body:
            schema, value = _refused.get()
            reason = problem(schema, value, schema) if schema is not None else "the body is not JSON"
            body = body.replace(VARIABLE, json.dumps(f"[{reason}]")[1:-1].encode())
        _refused.set((None, None))
        return status, headers, body

    v1._json_schema_valid = remember
    v1._gateway_error_response = explain


def problem(schema: Any, value: Any, root: Any, path: str = "") -> str | None:
    """The first reason why a value does not match a schema, and where; `None` if it does."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema, root = v1._resolve_schema_ref(schema["$ref"], root)
    if not isinstance(schema, dict) or v1._json_schema_valid(schema, value, root):
        return None
    inner: list[tuple[Any, Any, str]] = []
    where = path or "/"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is False and (unknown := sorted(value.keys() - properties.keys())):
            return f"object at {where} has properties which are not allowed by the schema: {json.dumps(unknown)}"
        if missing := [name for name in schema.get("required", []) if name not in value]:
            return f"object at {where} has missing required properties ({json.dumps(missing)})"
        inner = [(part, value[name], f"{path}/{name}") for name, part in properties.items() if name in value]
    elif isinstance(value, list):
        inner = [(schema.get("items", {}), each, f"{path}/{number}") for number, each in enumerate(value)]
    found = (problem(part, each, root, place) for part, each, place in inner)
    return next(filter(None, found), f"instance at {where} does not match the schema")
