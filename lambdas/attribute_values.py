"""Fields as DynamoDB writes them, and back."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


class _WholeNumbers(TypeDeserializer):
    """DynamoDB's numbers as `int`: nothing here holds any others."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)


serialize = TypeSerializer().serialize
_deserialize = _WholeNumbers().deserialize


def to_attributes(fields: Mapping[str, object]) -> dict[str, Any]:
    """Fields as attribute values."""
    return {name: serialize(value) for name, value in fields.items()}


def from_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values as fields."""
    return {name: _deserialize(value) for name, value in item.items()}
