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
def test_a_value_is_written_as_boto3_writes_it_and_read_as_it_was(value):
    written = serialize(value)

    assert written == TypeSerializer().serialize(value)
    assert deserialize(written) == value == TypeDeserializer().deserialize(written)


def test_fields_are_written_and_read_by_their_names():
    fields = {"id": "7", "qty": 2, "open": True, "staff": None, "items": [{"name": "Tea"}]}

    assert from_attributes(to_attributes(fields)) == fields


def test_true_is_no_number():
    assert (serialize(True), serialize(1)) == ({"BOOL": True}, {"N": "1"})


def test_a_status_is_text():
    assert serialize(Status.READY) == {"S": "ready"}


@pytest.mark.parametrize("value", [1.5, Decimal(1), b"bytes", {"a"}, (1, 2)], ids=repr)
def test_what_no_table_holds_is_not_written(value):
    with pytest.raises(TypeError, match="cannot serialize a value of type"):
        serialize([value])


@pytest.mark.parametrize("attribute", [{"B": b"bytes"}, {"SS": ["a"]}, {"NS": ["1"]}, {"BS": [b"a"]}], ids=repr)
def test_what_no_table_holds_is_not_read(attribute):
    with pytest.raises(TypeError, match="cannot deserialize an attribute of type"):
        deserialize({"M": {"field": attribute}})
