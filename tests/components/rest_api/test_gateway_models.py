"""The schemas that the gateway validates with accept exactly what the functions parse."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.rest_api.gateway_models import schemas
from lambdas.api import bodies
from lambdas.identity.models import Credentials
from lambdas.orders.models import Move, NewOrder, Replacement
from tests.components.rest_api.draft4 import check_schema, is_valid

BODIES = sorted(set(bodies.BODIES.values()), key=lambda body: body.__name__)
SCHEMAS = schemas(BODIES)
ITEM = {"name": "Espresso", "qty": 1}


def parses(body: type[msgspec.Struct], value: Any) -> bool:
    try:
        msgspec.json.decode(json.dumps(value), type=body)
    except msgspec.ValidationError:
        return False
    return True


def passes(body: type[msgspec.Struct], value: Any) -> bool:
    return is_valid(SCHEMAS[body.__name__], value, SCHEMAS)


def test_all_schemas_are_supported_by_api_gateway() -> None:
    assert {body.__name__ for body in BODIES} < SCHEMAS.keys()
    for schema in SCHEMAS.values():
        check_schema(schema, SCHEMAS)
    # API Gateway allows only letters and digits.
    assert [name for name in SCHEMAS if not name.isalnum()] == []


def test_schemas_are_deterministic() -> None:
    assert json.dumps(schemas(BODIES)) == json.dumps(schemas(BODIES[::-1])) == json.dumps(SCHEMAS)


def test_unknown_fields_are_rejected() -> None:
    assert [body for body in BODIES if SCHEMAS[body.__name__]["additionalProperties"] is not False] == []


def test_fields_can_have_the_names_of_keywords() -> None:
    assert "description" in SCHEMAS["NewInvoice"]["properties"]
    assert "description" in SCHEMAS["NewInvoice"]["required"]


VALID: list[tuple[type[msgspec.Struct], Any]] = [
    (NewOrder, {"items": [ITEM]}),
    (NewOrder, {"items": [{**ITEM, "type": "coffee"}] * 50, "restaurantId": "7"}),
    (NewOrder, {"name": "Espresso", "quantity": 99, "restaurantId": 7}),
    (NewOrder, {"items": [ITEM], "id": "a.B-9_", "customer": "ann", "status": "filled", "staff": None}),
    (NewOrder, {"items": [ITEM], "_createdAt": 1, "_filledAt": None, "_expireOn": 1.5}),
    (Replacement, {"items": [ITEM]}),
    (Move, {"status": "ready"}),
    (Move, {"status": "filled", "_filledAt": 1}),
    (Move, {"status": "filled", "_filledAt": None}),
    (Credentials, {"username": "ann", "password": "x"}),
    (Credentials, {"refreshToken": "x" * 8192}),
]

INVALID: list[tuple[type[msgspec.Struct], Any]] = [
    *((body, value) for body in (NewOrder, Replacement, Move, Credentials) for value in (None, [], "x", 1, {}, True)),
    (NewOrder, {"items": []}),
    (NewOrder, {"items": [ITEM] * 51}),
    (NewOrder, {"items": [{**ITEM, "qty": 0}]}),
    (NewOrder, {"items": [{**ITEM, "qty": 100}]}),
    (NewOrder, {"items": [{**ITEM, "qty": "1"}]}),
    (NewOrder, {"items": [{**ITEM, "qty": 1.5}]}),
    (NewOrder, {"items": [{**ITEM, "qty": True}]}),
    (NewOrder, {"items": [{**ITEM, "name": ""}]}),
    (NewOrder, {"items": [{**ITEM, "name": "x" * 101}]}),
    (NewOrder, {"items": [{**ITEM, "price": 1}]}),
    (NewOrder, {"items": [{"qty": 1}]}),
    (NewOrder, {"items": [ITEM], "id": ""}),
    (NewOrder, {"items": [ITEM], "id": "x" * 65}),
    (NewOrder, {"items": [ITEM], "id": "a/b"}),
    (NewOrder, {"items": [ITEM], "id": "a\n"}),
    (NewOrder, {"items": [ITEM], "price": 1}),
    (NewOrder, {"name": "Espresso"}),
    (NewOrder, {"items": [ITEM], "name": "Espresso"}),
    (NewOrder, {"items": [ITEM], "quantity": 1}),
    (NewOrder, {"items": [ITEM], "name": "Espresso", "quantity": 1}),
    (Replacement, {"items": [ITEM], "status": "created"}),
    (Move, {"status": "lost"}),
    (Move, {"_filledAt": 1}),
    (Move, {"status": "filled", "_filledAt": -1}),
    (Credentials, {"username": "ann"}),
    (Credentials, {"username": "ann", "password": ""}),
    (Credentials, {"username": "ann", "password": "x", "refreshToken": "x"}),
    (Credentials, {"username": "ann", "refreshToken": "x"}),
]


@pytest.mark.parametrize(("body", "value"), VALID)
def test_valid_bodies_are_accepted(body: type[msgspec.Struct], value: Any) -> None:
    assert parses(body, value)
    assert passes(body, value)


@pytest.mark.parametrize(("body", "value"), INVALID)
def test_invalid_bodies_are_rejected(body: type[msgspec.Struct], value: Any) -> None:
    assert not parses(body, value)
    # Only the schema checks queued bodies: an invalid one would be accepted with 202 and fail to parse later.
    assert not passes(body, value)


WELL_FORMED: dict[str, Any] = {"items": [ITEM], "quantity": 1, "status": "ready", "_filledAt": 1}
"""Valid values of these fields; for other fields, `"x"` is valid."""

# No integral floats: JSON Schema and parsers may disagree on whether 1.0 is an integer.
ODD = st.sampled_from([None, True, -1, 0, 100, 0.5, "", "x" * 65, "x" * 9000, [], {}, ["x"], [{}], {"name": "x"}])


@pytest.mark.parametrize("body", BODIES)
@settings(derandomize=True, max_examples=300, deadline=None)
@given(data=st.data())
def test_gateway_and_function_agree(body: type[msgspec.Struct], data: st.DataObject) -> None:
    known = SCHEMAS[body.__name__]["properties"]
    chosen = data.draw(st.lists(st.sampled_from([*known, "unknown"]), unique=True, max_size=5))
    value = {name: WELL_FORMED.get(name, "x") for name in chosen}
    if chosen and data.draw(st.booleans()):
        value[data.draw(st.sampled_from(chosen))] = data.draw(ODD)

    assert passes(body, value) == parses(body, value)
