"""The models that API Gateway validates bodies with, generated from the types that the functions parse with."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from msgspec.json import schema_components

Schema = dict[str, Any]

IGNORED_KEYWORDS = frozenset({"default", "description", "examples", "title"})
"""Keywords that validate nothing."""

NULL: Schema = {
    "not": {
        "anyOf": [
            *({"type": name} for name in ("boolean", "number", "object", "string")),
            {"type": "array", "items": {}},
        ]
    }
}
"""Null only: API Gateway supports neither `type: null` nor `nullable` (API Gateway developer guide, "Important notes",
OpenAPI)."""


def schemas(bodies: Iterable[type[Struct]]) -> dict[str, Schema]:
    """The schemas of bodies and of their nested types, by name, in the subset that OpenAPI 3.0 and JSON Schema draft 4
    share.

    A type may have `FORMS`: exactly one of these sets of fields is required.
    """
    bodies = sorted(bodies, key=lambda body: body.__name__)
    _, components = schema_components(bodies, ref_template="#/components/schemas/{name}")
    found: dict[str, Schema] = {name: _draft_4(schema) for name, schema in components.items()}
    for body in bodies:
        if forms := getattr(body, "FORMS", ()):
            found[body.__name__]["oneOf"] = [_form(form, forms) for form in forms]
    return dict(sorted(found.items()))


def _form(form: frozenset[str], forms: tuple[frozenset[str], ...]) -> Schema:
    """One form: all of its fields, and none of another form's."""
    others = sorted(frozenset().union(*forms) - form)
    # Draft 4 does not allow an empty `anyOf`.
    excluded = {"not": {"anyOf": [{"required": [field]} for field in others]}} if others else {}
    return {"required": sorted(form), **excluded}


def _draft_4(value: Any) -> Any:
    match value:
        case {"type": "null"}:
            return NULL
        case {"properties": properties, **keywords}:
            # Field names are not keywords.
            return {**_draft_4(keywords), "properties": {name: _draft_4(it) for name, it in properties.items()}}
        case dict():
            # Draft 4 does not allow an empty `required`.
            wanted = {
                key: it for key, it in value.items() if key not in IGNORED_KEYWORDS and (key, it) != ("required", [])
            }
            return {key: _draft_4(it) for key, it in wanted.items()}
        case list():
            return [_draft_4(it) for it in value]
    return value
