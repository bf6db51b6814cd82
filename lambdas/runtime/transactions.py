"""DynamoDB transactions, and repeating writes that conflict with concurrent ones."""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

Result = TypeVar("Result")

ATTEMPTS = 12
LONGEST_PAUSE_SECONDS = 0.5
"""The maximum number of attempts under concurrent writes, and the longest pause between two: at most 3.6 s in total,
while a transaction takes a few ms."""

RANDOM = random.SystemRandom()
"""Environments restored from one snapshot share the state of other generators, and would pause in lockstep."""

CONDITION_FAILED = "ConditionalCheckFailed"


def transact(client: "DynamoDBClient", *writes: Any) -> list[dict[str, Any]]:
    """Carry out all writes or none. Return, for each write in order, why it was not carried out; nothing on success.

    A reason has the `Code` `ConditionalCheckFailed` (with the `Item`, if the write asks for it) or `None`. Raises
    `Refusal`: `unavailable` after too many concurrent writes.
    """
    try:
        retried(client, lambda: client.transact_write_items(TransactItems=writes))
    except client.exceptions.TransactionCanceledException as error:
        reasons: Any = error.response
        found: list[dict[str, Any]] = reasons["CancellationReasons"]
        return found
    return []


def has_failed(reasons: list[dict[str, Any]], number: int) -> bool:
    """Whether the condition of a write failed, by its position in the transaction."""
    return bool(reasons) and reasons[number]["Code"] == CONDITION_FAILED


def retried(client: "DynamoDBClient", write: Callable[[], Result]) -> Result:
    """Repeat a write while it conflicts with concurrent ones.

    Raises `Refusal`: `unavailable` after the last attempt.
    """
    busy: Any = (client.exceptions.TransactionCanceledException, client.exceptions.TransactionConflictException)
    for attempt in range(ATTEMPTS):
        try:
            return write()
        except busy as error:
            if not _is_busy(error):
                raise
            time.sleep(RANDOM.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.01 * 2**attempt)))
    raise Refusal("unavailable", "Too many concurrent changes. Try again in a moment.")


def _is_busy(error: Any) -> bool:
    """Whether a write failed only because of concurrent writes or throttling."""
    codes = {reason["Code"] for reason in error.response.get("CancellationReasons", [{"Code": "TransactionConflict"}])}
    return not codes & {CONDITION_FAILED, "ValidationError"}
