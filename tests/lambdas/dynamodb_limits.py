"""DynamoDB's limits that moto does not check: every request of a test is held to them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

Request = dict[str, Any]

EXPRESSIONS = (
    *("ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression"),
    "UpdateExpression",
)

SYNTAX = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
"""Reserved words that are part of the syntax of expressions."""

LARGEST_EXPRESSION = 4096
MOST_OPERANDS_OF_IN = 100
MOST_OPERATORS = 300
LARGEST_NAME = 255
LARGEST_VALUES = 2 * 1024 * 1024
"""DynamoDB developer guide, "Quotas", "Expression parameters"."""

LARGEST_ITEM = 400 * 1024
MOST_WRITES = 100
"""DynamoDB developer guide, "Quotas", "Items" and "Transactions"."""


def check(params: Request, **_: object) -> None:
    """Raise `AssertionError` if DynamoDB would refuse a request. For botocore's event `before-call.dynamodb`."""
    body = json.loads(params["body"])
    writes = body.get("TransactItems", [])
    assert len(writes) <= MOST_WRITES, f"{len(writes)} writes in a transaction"
    for request in [body, *(write for item in writes for write in item.values())]:
        assert list(problems(request)) == [], request


def problems(request: Request) -> Iterator[str]:
    """What DynamoDB would refuse in a request or in a write of a transaction."""
    for name in EXPRESSIONS:
        expression = request.get(name, "")
        if len(expression.encode()) > LARGEST_EXPRESSION:
            yield f"{name} has {len(expression.encode())} bytes"
        words = {word.upper() for word in re.findall(r"(?<![:#\w])[A-Za-z_]\w*\b(?!\()", expression)}
        for word in sorted(words & RESERVED - SYNTAX):
            yield f"{name} uses the reserved word {word}"
        for operands in re.findall(r"\bIN\s*\(([^)]*)\)", expression):
            if operands.count(",") >= MOST_OPERANDS_OF_IN:
                yield f"{name} has an IN with {operands.count(',') + 1} operands"
        if len(re.findall(r"[=<>+]|\b(?:AND|OR|IN|BETWEEN|size|contains)\b", expression)) > MOST_OPERATORS:
            yield f"{name} has too many operators"
    if any(len(name.encode()) > LARGEST_NAME for name in request.get("ExpressionAttributeNames", {})):
        yield "a substitution of a name is too long"
    if size(request.get("ExpressionAttributeValues", {})) > LARGEST_VALUES:
        yield "the values are too large"
    if size(request.get("Item", {})) > LARGEST_ITEM:
        yield "the item is too large"


RESERVED = frozenset(ReservedKeywords.get_reserved_keywords())


def size(values: object) -> int:
    """About the size that DynamoDB counts, and never less."""
    return len(json.dumps(values, ensure_ascii=False).encode())
