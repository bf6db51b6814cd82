from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from lambdas.orders.models import Status
from lambdas.runtime.dynamodb_json import deserialize, from_attributes, serialize, to_attributes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_values_are_serialized_like_boto3_and_round_trip(value):
    written = serialize(value)

    assert written == TypeSerializer().serialize(value)
    assert deserialize(written) == value == TypeDeserializer().deserialize(written)


def test_fields_round_trip():
    fields = {"id": "7", "qty": 2, "open": True, "staff": None, "items": [{"name": "Tea"}]}

    assert from_attributes(to_attributes(fields)) == fields


def test_a_boolean_is_not_a_number():
    assert (serialize(True), serialize(1)) == ({"BOOL": True}, {"N": "1"})


def test_a_status_is_a_string():
    assert serialize(Status.READY) == {"S": "ready"}


@pytest.mark.parametrize("value", [1.5, Decimal(1), b"bytes", {"a"}, (1, 2)], ids=repr)
def test_unsupported_values_are_not_serialized(value):
    with pytest.raises(TypeError, match="cannot serialize a value of type"):
        serialize([value])


@pytest.mark.parametrize("attribute", [{"B": b"bytes"}, {"NS": ["1"]}, {"BS": [b"a"]}], ids=repr)
def test_unsupported_attributes_are_not_deserialized(attribute):
    with pytest.raises(TypeError, match="cannot deserialize an attribute of type"):
        deserialize({"M": {"field": attribute}})
