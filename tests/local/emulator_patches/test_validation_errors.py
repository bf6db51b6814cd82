"""The emulator patch that says why a body was refused."""

import pytest

from local.emulator_patches.validation_errors import problem

ORDER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/Item"}},
        "id": {"type": "string"},
    },
    "definitions": {
        "Item": {
            "type": "object",
            "required": ["name", "qty"],
            "properties": {"name": {"type": "string"}, "qty": {"type": "integer", "minimum": 1}},
        }
    },
}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, 'object at / has missing required properties (["items"])'),
        ({"items": [], "price": 1}, 'object at / has properties which are not allowed by the schema: ["price"]'),
        ({"items": []}, "instance at /items does not match the schema"),
        (
            {"items": [{"name": "Tea", "qty": 1}, {"name": "Tea"}]},
            'object at /items/1 has missing required properties (["qty"])',
        ),
        ({"items": [{"name": "Tea", "qty": 0}]}, "instance at /items/0/qty does not match the schema"),
        ({"items": [{"name": "Tea", "qty": 1}], "id": 7}, "instance at /id does not match the schema"),
        ([], "instance at / does not match the schema"),
        ({"items": [{"name": "Tea", "qty": 1}]}, None),
    ],
)
def test_the_first_problem_is_named(value, reason):
    assert problem(ORDER, value, ORDER) == reason
