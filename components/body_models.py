"""The JSON schemas that API Gateway validates bodies with, made from the types that the functions parse with."""

import json
from typing import Any

import msgspec

from lambdas.forms import OneOfForms


def json_schema(body: type[msgspec.Struct]) -> str:
    """The schema of a body in draft 4, the one that API Gateway speaks."""
    (_,), definitions = msgspec.json.schema_components([body], ref_template="#/definitions/{name}")
    root = _draft_4(definitions.pop(body.__name__))
    if issubclass(body, OneOfForms):
        root["oneOf"] = [_form(form, body.FORMS) for form in body.FORMS]
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", **root}
    if definitions:
        schema["definitions"] = {name: _draft_4(definition) for name, definition in definitions.items()}
    return json.dumps(schema, sort_keys=True)


def _form(form: frozenset[str], forms: tuple[frozenset[str], ...]) -> dict[str, Any]:
    """One form: all of its fields, and none of another's."""
    others = sorted(frozenset().union(*forms) - form)
    return {"required": sorted(form), "not": {"anyOf": [{"required": [field]} for field in others]}}


def _draft_4(definition: dict[str, Any]) -> dict[str, Any]:
    """Draft 4 knows no empty `required`; descriptions are for readers of the source."""
    unwanted = {"description", *(["required"] if not definition.get("required") else [])}
    return {key: value for key, value in definition.items() if key not in unwanted}
