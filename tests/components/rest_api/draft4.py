"""The subset of JSON Schema draft 4 and OpenAPI 3.0 that body models use. Unknown keywords raise errors, so schemas of
later drafts fail."""

import re
from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}
REFERENCE = "#/components/schemas/"


def check_schema(schema: Schema, root: Schema) -> None:
    """Raise `AssertionError` unless the schema and its subschemas are valid. `root` contains other schemas by name."""
    assert isinstance(schema, dict)
    unknown = schema.keys() - KEYWORDS.keys()
    assert not unknown, f"draft 4 does not know {sorted(unknown)}"
    for keyword in ("required", "enum", "oneOf", "anyOf", "allOf"):
        assert schema.get(keyword) != [], f"draft 4 allows no empty `{keyword}`"
    if "$ref" in schema:
        assert schema.keys() == {"$ref"}, "keywords next to `$ref` are ignored"
        assert schema["$ref"].removeprefix(REFERENCE) in root
    if "type" in schema:
        assert {schema["type"]} <= TYPES.keys()
    for below in schema.get("properties", {}).values():
        check_schema(below, root)
    for keyword in ("oneOf", "anyOf", "allOf"):
        for below in schema.get(keyword, []):
            check_schema(below, root)
    for keyword in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            check_schema(schema[keyword], root)


def is_valid(schema: Schema, value: Any, root: Schema) -> bool:
    """Whether a value conforms to a schema."""
    return all(KEYWORDS[keyword](argument, value, schema, root) for keyword, argument in schema.items())


def _properties(argument: Any, value: Any, schema: Schema, root: Schema) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(below, value[name], root) for name, below in argument.items() if name in value
    )


def _additional(argument: Any, value: Any, schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict) or argument is True:
        return True
    extra = value.keys() - schema.get("properties", {}).keys()
    return not extra if argument is False else all(is_valid(argument, value[name], root) for name in extra)


def _for(kind: str, check: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Schema, Schema], bool]:
    """A keyword that checks values of one type and accepts all others."""
    return lambda argument, value, schema, root: not TYPES[kind](value) or check(argument, value)


KEYWORDS: dict[str, Callable[[Any, Any, Schema, Schema], bool]] = {
    "$ref": lambda argument, value, schema, root: is_valid(root[argument.removeprefix(REFERENCE)], value, root),
    "type": lambda argument, value, schema, root: TYPES[argument](value),
    "enum": lambda argument, value, schema, root: value in argument,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _for("object", lambda argument, value: value.keys() >= set(argument)),
    "items": lambda argument, value, schema, root: (
        not isinstance(value, list) or all(is_valid(argument, item, root) for item in value)
    ),
    "minItems": _for("array", lambda argument, value: len(value) >= argument),
    "maxItems": _for("array", lambda argument, value: len(value) <= argument),
    "minLength": _for("string", lambda argument, value: len(value) >= argument),
    "maxLength": _for("string", lambda argument, value: len(value) <= argument),
    "pattern": _for("string", lambda argument, value: re.search(argument, value) is not None),
    "minimum": _for("number", lambda argument, value: value >= argument),
    "maximum": _for("number", lambda argument, value: value <= argument),
    "oneOf": lambda argument, value, schema, root: sum(is_valid(each, value, root) for each in argument) == 1,
    "anyOf": lambda argument, value, schema, root: any(is_valid(each, value, root) for each in argument),
    "allOf": lambda argument, value, schema, root: all(is_valid(each, value, root) for each in argument),
    "not": lambda argument, value, schema, root: not is_valid(argument, value, root),
}
