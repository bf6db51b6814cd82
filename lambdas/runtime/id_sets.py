"""Limits on what a user has open at once: a set of IDs in one item, changed in the transaction that adds something.

An ID can remain in the set after its item is closed. When the set is full, the store reads the items and removes the
IDs of closed ones. No other code removes IDs, so the set always contains every open item.
"""

from collections.abc import Collection
from typing import Any

from lambdas.runtime.dynamodb_json import to_attributes

IDS = "ids"
"""The attribute with the set."""


def addition(id: str, limit: int) -> dict[str, Any]:
    """The expressions of an update that adds an ID, on condition that the set has room for it."""
    return {
        "UpdateExpression": "ADD #ids :ids",
        "ConditionExpression": "attribute_not_exists(#ids) OR size(#ids) < :limit",
        "ExpressionAttributeNames": {"#ids": IDS},
        "ExpressionAttributeValues": to_attributes({":ids": frozenset({id}), ":limit": limit}),
    }


def removal(ids: Collection[str]) -> dict[str, Any]:
    """The expressions of an update that removes IDs."""
    return {
        "UpdateExpression": "DELETE #ids :ids",
        "ExpressionAttributeNames": {"#ids": IDS},
        "ExpressionAttributeValues": to_attributes({":ids": frozenset(ids)}),
    }
