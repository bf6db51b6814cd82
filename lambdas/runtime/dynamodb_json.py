"""Converts fields to DynamoDB attribute values and back (API reference, `AttributeValue`), for the types in our tables.

boto3 has a converter, but it requires importing all of boto3, and supports kinds of numbers and sets that are not used
here. A set is one of strings, and never empty.
"""

from collections.abc import Mapping
from typing import Any


def serialize(value: object) -> dict[str, Any]:
    """A value as a DynamoDB attribute value. Raises `TypeError` for an unsupported type."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case list():
            return {"L": [serialize(each) for each in value]}
        case dict():
            return {"M": to_attributes(value)}
        case frozenset():
            return {"SS": sorted(value)}
    raise TypeError(f"cannot serialize a value of type `{type(value).__name__}`: {value!r}")


def deserialize(attribute: Mapping[str, Any]) -> Any:
    """The value of a DynamoDB attribute value. Raises `TypeError` for an unsupported type."""
    [(kind, value)] = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "L":
            return [deserialize(each) for each in value]
        case "M":
            return from_attributes(value)
        case "SS":
            return frozenset(value)
    raise TypeError(f"cannot deserialize an attribute of type `{kind}`")


def to_attributes(fields: Mapping[str, object]) -> dict[str, Any]:
    """Convert fields to attribute values."""
    return {name: serialize(value) for name, value in fields.items()}


def from_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert attribute values to fields."""
    return {name: deserialize(value) for name, value in item.items()}
