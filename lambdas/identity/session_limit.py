"""Limits how many sessions an IP address begins, and a guest renews."""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING, Any

from lambdas.runtime import aws
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes
from lambdas.runtime.errors import Refusal

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

BURST = 30
"""Sessions that an address may begin at once: many guests share the address of the café's network."""

INTERVAL_MS = 10_000
"""Time after which it may begin one more."""

ATTEMPTS = 5

KEPT_SECONDS = 3600
"""How long an item is kept once its address may begin all sessions again."""


class SessionLimit:
    """The generic cell rate algorithm (ITU-T I.371), with one item in the café's table for each address or guest.

    The item has the time (ms) until which they have used up what they may: each session adds an interval.
    """

    def __init__(
        self, table: str, client: "DynamoDBClient | None" = None, now: Callable[[], float] = time.time
    ) -> None:
        self._table = table
        self._client: DynamoDBClient = client or aws.client("dynamodb")
        self._now = now

    def count(self, who: str) -> None:
        """Count a session of an address or a guest. Raises `Refusal`: `throttled` if there were too many."""
        for _ in range(ATTEMPTS):
            now = int(self._now() * 1000)
            latest = now + (BURST - 1) * INTERVAL_MS
            condition, values = "#until BETWEEN :now AND :latest", {":now": now, ":latest": latest}
            used_until = self._set(who, "#until + :interval", condition, values)
            if used_until is not None and used_until > latest:
                raise Refusal(
                    "throttled",
                    "Too many guest sessions began here. Try again later, or sign in.",
                    retry_after=ceil((used_until - latest) / 1000),
                )
            condition, values = (
                "attribute_not_exists(#until) OR #until < :now",
                {":now": now, ":first": now + INTERVAL_MS},
            )
            if used_until is None or self._set(who, ":first", condition, values) is None:
                return
        raise Refusal("unavailable", "Too many guest sessions begin at once. Try again.")

    def _set(self, who: str, value: str, condition: str, values: dict[str, int]) -> int | None:
        """Set the item's time if the condition is met. Return `None` if it was, or the stored time, 0 for none."""
        expires = max(values.values()) // 1000 + KEPT_SECONDS
        interval = {":interval": INTERVAL_MS} if ":interval" in value else {}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_attributes({"kind": f"sessions#{network(who)}", "name": "used"}),
                UpdateExpression=f"SET #until = {value}, #expireOn = :expireOn",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#until": "until", "#expireOn": "_expireOn"},
                ExpressionAttributeValues=to_attributes({**values, **interval, ":expireOn": expires}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item", {})
            return int(from_attributes(item).get("until", 0))
        return None


def network(who: str) -> str:
    """A guest or an address, or for IPv6 its /64: a client has that many addresses."""
    try:
        parsed = ip_address(who)
    except ValueError:
        return who
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else who
