"""The numbers by which orders are called out, one item each in the café's table.

No item is written by every new order, so that two of them rarely wait for each other: a number is chosen at random, and
claimed by a conditional write.
"""

import random
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from typing_extensions import override

from lambdas.orders.lifecycle import OPEN_MS
from lambdas.orders.models import Order
from lambdas.orders.store import Numbers
from lambdas.runtime import aws
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

KIND = "number"

MOST = 999
"""The largest number."""

RANGES = (99, 99, MOST)
"""The largest number of each of the first attempts: short numbers are easier to hear."""

ATTEMPTS = 20
"""How often a number among the free ones is tried while others claim them, too."""

RELEASE_MS = 2 * 60 * 1000
"""How long after its end an order keeps its number: staff may take the end back for one minute."""

RANDOM = random.SystemRandom()
"""Environments restored from one snapshot share the state of other generators, and would claim the same numbers."""


class NumbersTable(Numbers):
    """`Numbers` in the café's table."""

    def __init__(self, table: str, client: "DynamoDBClient | None" = None) -> None:
        self._table = table
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    @override
    def take(self, order: Order) -> int:
        """Claim a number that no other open order has. If there is none, return any."""
        for most in RANGES:
            number = RANDOM.randint(1, most)
            if self._claim(number, order):
                return number
        for _ in range(ATTEMPTS):
            taken = {int(fields["name"]): fields["until"] for fields in self._claims(order.created_at)}
            free = [number for number in range(1, MOST + 1) if number not in taken]
            if free:
                number = RANDOM.choice(free)
                if self._claim(number, order):
                    return number
                continue
            # One whose order has ended, if there is any: somebody may place and cancel orders in a loop.
            number, until = min(taken.items(), key=lambda item: item[1])
            if until > order.created_at + RELEASE_MS:
                break
            if self._claim(number, order, until):
                return number
        return RANDOM.randint(1, MOST)

    @override
    def give_back(self, number: int, order: Order) -> None:
        """Free the number of an order that was not stored."""
        self._if_own(
            order, lambda condition: self._client.delete_item(TableName=self._table, Key=_key(number), **condition)
        )

    @override
    def follow(self, order: Order, ended_at: int | None) -> None:
        """Keep an order's number until it ends, or for two minutes after it ended at that time (ms)."""
        number = order.number
        if number is UNSET:
            return
        until = order.created_at + OPEN_MS if ended_at is None else ended_at + RELEASE_MS
        self._if_own(
            order,
            lambda condition: self._client.update_item(
                TableName=self._table,
                Key=_key(number),
                UpdateExpression="SET #until = :until",
                ConditionExpression=condition["ConditionExpression"],
                ExpressionAttributeNames={**condition["ExpressionAttributeNames"], "#until": "until"},
                ExpressionAttributeValues={
                    **condition["ExpressionAttributeValues"],
                    **to_attributes({":until": until}),
                },
            ),
        )

    def _claim(self, number: int, order: Order, free_at: int | None = None) -> bool:
        """Claim a number that is free, or free at a later time (ms)."""
        until = order.created_at + OPEN_MS
        fields = {"order": _of(order), "until": until, "_expireOn": until // 1000}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**_key(number), **to_attributes(fields)},
                ConditionExpression="attribute_not_exists(kind) OR #until <= :now",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues=to_attributes({":now": free_at or order.created_at}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def open_orders(self, now: int) -> list[int]:
        """When the open orders were created (ms), oldest first. Orders beyond the 999th have no number of their own and
        are not among them."""
        claims = ((int(fields["order"].rpartition("/")[2]), fields["until"]) for fields in self._claims(now))
        # The number of an order that has ended is kept for a shorter time.
        return sorted(created_at for created_at, until in claims if until == created_at + OPEN_MS)

    def _claims(self, now: int) -> list[dict[str, Any]]:
        """The claimed numbers. All of them are less than the 1 MB of one response."""
        response = self._client.query(
            TableName=self._table,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues=to_attributes({":kind": KIND}),
            ConsistentRead=True,
        )
        return [fields for fields in map(from_attributes, response["Items"]) if fields["until"] > now]

    def _if_own(self, order: Order, write: Any) -> None:
        """Write on condition that the number is the order's."""
        condition = {
            "ConditionExpression": "#order = :order",
            "ExpressionAttributeNames": {"#order": "order"},
            "ExpressionAttributeValues": to_attributes({":order": _of(order)}),
        }
        try:
            write(condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _key(number: int) -> dict[str, Any]:
    return to_attributes({"kind": KIND, "name": f"{number:03d}"})


def _of(order: Order) -> str:
    """An order as the owner of a number: not a later one with the same customer and ID."""
    return f"{order.customer}/{order.id}/{order.created_at}"
