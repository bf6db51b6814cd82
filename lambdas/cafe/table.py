"""The café's table: one item for each thing on the menu.

| `kind` | `name` | holds |
| --- | --- | --- |
| `menu` | the item's name | an item on the menu |
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.cafe.models import StoredItem
from lambdas.runtime import aws
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

MENU = "menu"


class CafeTable:
    """The table, by `kind` and `name`."""

    def __init__(self, name: str, client: "DynamoDBClient | None" = None) -> None:
        self._name = name
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    def menu(self) -> list[StoredItem]:
        """The items on the menu, in its order."""
        found = (msgspec.convert(fields, StoredItem) for fields in self._all(MENU))
        return sorted(found, key=lambda item: (item.position, item.name))

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

    def _all(self, kind: str) -> Iterator[dict[str, Any]]:
        """The fields of all items of a kind. Consistent: what is sold out is not sold a moment later."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "kind = :kind",
            "ExpressionAttributeValues": to_attributes({":kind": kind}),
            "ConsistentRead": True,
        }
        while True:
            response = self._client.query(**request)
            yield from map(from_attributes, response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]
