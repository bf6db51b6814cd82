"""The café's table.

| `kind` | `name` | holds |
| --- | --- | --- |
| `menu` | the item's name | an item on the menu |
| `menu` | a space, which no item has as its name | `open`: the switch that staff set instead of the hours, or null |
| `seeded` | the same | nothing: the menu of a new stack was filled, see `ops/menu.py` |
| `number` | three digits | the order that has the number, and until when (ms): see `lambdas.orders.numbers` |
| `ready` | when (ms), and a digest of the order | how long (s) an order took from its creation until it was ready |
| `refused#` and the customer | a date | how many queued orders of that day were refused |

A read of the menu has the switch, too, because every order needs both.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.cafe.models import StoredItem
from lambdas.cafe.offer import Offer
from lambdas.runtime import aws
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

MENU = "menu"
SWITCH = " "
READY = "ready"
REFUSED = "refused"

KEPT_SECONDS = 2 * 24 * 3600
"""How long what only counts for a while is kept."""


class CafeTable:
    """The table, by `kind` and `name`."""

    def __init__(self, name: str, client: "DynamoDBClient | None" = None) -> None:
        self._name = name
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    def offer(self) -> Offer:
        """The menu and the switch."""
        items, switch = [], None
        for fields in self._all(MENU):
            if fields["name"] == SWITCH:
                switch = fields["open"]
            else:
                items.append(msgspec.convert(fields, StoredItem))
        return Offer(sorted(items, key=lambda item: (item.position, item.name)), switch)

    def menu(self) -> list[StoredItem]:
        """The items on the menu, in its order."""
        return self.offer().items

    def set_switch(self, switch: bool | None) -> None:
        """Set the switch."""
        item = to_attributes({"kind": MENU, "name": SWITCH, "open": switch})
        self._client.put_item(TableName=self._name, Item=item)

    def add_duration(self, order: str, ready_at: int, seconds: int) -> None:
        """Store how long an order took until it was ready, at that time (ms)."""
        digest = hashlib.sha256(order.encode()).hexdigest()[:8]
        fields = {"kind": READY, "name": f"{ready_at:013d}#{digest}", "seconds": seconds}
        expiry = {"_expireOn": ready_at // 1000 + KEPT_SECONDS}
        self._client.put_item(TableName=self._name, Item=to_attributes({**fields, **expiry}))

    def durations(self, since: int) -> list[int]:
        """How long (s) the orders took that became ready since a time (ms)."""
        return [fields["seconds"] for fields in self._all(READY, f"{since:013d}")]

    def count_refused(self, customer: str, date: str, limit: int, now: int) -> bool:
        """Count a refused order of a customer, if there are fewer than `limit` on that date. Return whether there
        were."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=to_attributes({"kind": f"{REFUSED}#{customer}", "name": date}),
                UpdateExpression="ADD #count :one SET #expireOn = :expireOn",
                ConditionExpression="attribute_not_exists(#count) OR #count < :limit",
                ExpressionAttributeNames={"#count": "count", "#expireOn": "_expireOn"},
                ExpressionAttributeValues=to_attributes(
                    {":one": 1, ":limit": limit, ":expireOn": now // 1000 + KEPT_SECONDS}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def put(self, item: StoredItem, revision: str | None) -> bool:
        """Store an item if the stored one has this revision; with `None`, if there is none. Return whether it did."""
        fields = {**msgspec.to_builtins(item), "kind": MENU}
        return self._write(
            lambda condition: self._client.put_item(TableName=self._name, Item=to_attributes(fields), **condition),
            revision,
        )

    def delete(self, name: str, revision: str) -> bool:
        """Delete an item if it has this revision. Return whether it did."""
        key = to_attributes({"kind": MENU, "name": name})
        return self._write(
            lambda condition: self._client.delete_item(TableName=self._name, Key=key, **condition), revision
        )

    def _write(self, write: Any, revision: str | None) -> bool:
        if revision is None:
            condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(kind)"}
        else:
            condition = {
                "ConditionExpression": "#revision = :revision",
                "ExpressionAttributeNames": {"#revision": "_revision"},
                "ExpressionAttributeValues": to_attributes({":revision": revision}),
            }
        try:
            write(condition)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _all(self, kind: str, since: str = " ") -> Iterator[dict[str, Any]]:
        """The fields of all items of a kind, from the name `since` on.

        Consistent: what is sold out is not sold a moment later.
        """
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "kind = :kind AND #name >= :since",
            "ExpressionAttributeNames": {"#name": "name"},
            "ExpressionAttributeValues": to_attributes({":kind": kind, ":since": since}),
            "ConsistentRead": True,
        }
        while True:
            response = self._client.query(**request)
            yield from map(from_attributes, response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]
