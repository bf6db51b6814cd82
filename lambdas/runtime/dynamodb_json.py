"""Fields as DynamoDB writes them, and back (API reference, `AttributeValue`): those kinds that the tables hold.

boto3 has types for this, which bring all of boto3 along, and take numbers and sets of every kind that nothing here is.
"""

from collections.abc import Mapping
from typing import Any


def serialize(value: object) -> dict[str, Any]:
    """A value as DynamoDB writes it. Raises `TypeError` when it is of a kind that no table holds."""
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
    raise TypeError(f"no table holds values of the type `{type(value).__name__}`: {value!r}")


def deserialize(attribute: Mapping[str, Any]) -> Any:
    """A value as it was before. Raises `TypeError` when it is of a kind that no table holds."""
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
    raise TypeError(f"no table holds attributes of the type `{kind}`")


def to_attributes(fields: Mapping[str, object]) -> dict[str, Any]:
    """Fields as attribute values."""
    return {name: serialize(value) for name, value in fields.items()}


def from_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values as fields."""
    return {name: deserialize(value) for name, value in item.items()}
