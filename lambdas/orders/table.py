"""Orders in DynamoDB. Pure functions build the requests, and `OrdersTable` sends them."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from lambdas.orders import keys
from lambdas.orders.lifecycle import ANY_STATUS, is_open
from lambdas.orders.models import Order, Status
from lambdas.orders.store import Store
from lambdas.runtime import aws, id_sets
from lambdas.runtime.dynamodb_json import from_attributes, serialize, to_attributes
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.ids import SHARDS
from lambdas.runtime.tables import Index, Page
from lambdas.runtime.transactions import has_failed, retried, transact

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

Request = dict[str, Any]

OPEN_RETRY_SECONDS = 60
"""When a customer with too many open orders may try again."""

CHANGED = "The order has changed; fetch it again."


def to_item(order: Order) -> Request:
    """An order and its index keys as DynamoDB attribute values."""
    return to_attributes({**msgspec.to_builtins(order), **keys.index_keys(order)})


def from_item(item: Mapping[str, Any]) -> Order:
    """The order in an item or in a stream record's image."""
    return msgspec.convert(from_attributes(item), Order)


def key(customer: str, id: str) -> Request:
    """The primary key of an order."""
    return {"customer": {"S": customer}, "id": {"S": id}}


def insert_request(order: Order) -> Request:
    """PutItem that fails if the key exists, and then returns the existing item."""
    return {
        "Item": to_item(order),
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def update_request(
    customer: str,
    id: str,
    changes: Mapping[str, object],
    when: Collection[Status],
    match: Collection[str] | None = None,
) -> Request:
    """UpdateItem that sets `changes` if status and revision match, and otherwise returns the existing order."""
    fields: dict[str, object] = dict(msgspec.to_builtins(dict(changes)))
    if "status" in fields:
        fields |= keys.status_keys(customer, id, Status(str(fields["status"])))
    names = {f"#{n}": name for n, name in enumerate(fields)}
    values = {f":{n}": serialize(value) for n, value in enumerate(fields.values())}
    # If no status is allowed, compare with "", which no order has, to still distinguish a missing order.
    allowed = {f":when{n}": {"S": str(status)} for n, status in enumerate(sorted(when) or [""])}
    request: Request = {
        "Key": key(customer, id),
        "UpdateExpression": "SET " + ", ".join(f"#{n} = :{n}" for n in range(len(fields))),
        "ConditionExpression": f"#status IN ({', '.join(allowed)})",
        "ExpressionAttributeNames": {**names, "#status": "status"},
        "ExpressionAttributeValues": {**values, **allowed},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return request if match is None else _if_match(request, match)


def delete_request(
    customer: str, id: str, match: Collection[str] | None = None, when: Collection[Status] = ANY_STATUS
) -> Request:
    """DeleteItem that fails if the order is missing, or its status or revision does not match."""
    allowed = {f":when{n}": {"S": str(status)} for n, status in enumerate(sorted(when))}
    request: Request = {
        "Key": key(customer, id),
        "ConditionExpression": f"#status IN ({', '.join(allowed)})",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": allowed,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return request if match is None else _if_match(request, match)


def _if_match(request: Request, match: Collection[str]) -> Request:
    """The same request with the added condition that the order's revision is in `match`."""
    # If `match` is empty, compare with "-", which no order has, so that nothing matches.
    allowed = {f":match{n}": {"S": revision} for n, revision in enumerate(sorted(match) or ["-"])}
    return {
        **request,
        "ConditionExpression": f"{request['ConditionExpression']} AND #revision IN ({', '.join(allowed)})",
        "ExpressionAttributeNames": {**request["ExpressionAttributeNames"], "#revision": "_revision"},
        "ExpressionAttributeValues": {**request["ExpressionAttributeValues"], **allowed},
    }


def query_request(index: Index, partition: str, limit: int, after: str | None) -> Request:
    """Query for up to `limit` orders of one partition, newest first, after the position `after`."""
    request: Request = {
        "IndexName": index.name,
        "KeyConditionExpression": "#partition = :partition",
        "ExpressionAttributeNames": {"#partition": index.partition_key},
        "ExpressionAttributeValues": {":partition": {"S": partition}},
        "ScanIndexForward": False,
        "Limit": limit,
    }
    if after is not None:
        request["KeyConditionExpression"] += " AND #at < :after"
        request["ExpressionAttributeNames"]["#at"] = "_at"
        request["ExpressionAttributeValues"][":after"] = {"S": after}
    return request


class OrdersTable(Store):
    """A `Store` in a DynamoDB table with the keys and indexes of `lambdas.orders.keys`."""

    def __init__(self, name: str, client: "DynamoDBClient | None" = None) -> None:
        self._name = name
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    @override
    def insert(self, order: Order, limit: int = 0) -> Order | None:
        if limit:
            return self._insert_within(order, limit)
        try:
            self._client.put_item(TableName=self._name, **insert_request(order))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return _existing(error)
        return None

    def _insert_within(self, order: Order, limit: int) -> Order | None:
        """Store a new order and add it to the customer's open ones, if there are fewer than `limit`."""
        open_key = to_attributes(keys.open_key(order.customer))
        addition = {"Key": open_key, **id_sets.addition(order.id, limit)}
        writes = {"Put": insert_request(order)}, {"Update": addition}
        items = [{kind: {"TableName": self._name, **write}} for each in writes for kind, write in each.items()]
        for has_room in (False, True):
            reasons = transact(self._client, *items)
            if not reasons:
                return None
            if has_failed(reasons, 0):
                return from_item(reasons[0]["Item"])
            if not has_room and self._remove_closed(order.customer, order.created_at):
                continue
            # The order may be stored although the transaction reports the other reason only.
            if stored := self.get(order.customer, order.id):
                return stored
            break
        raise too_many_open(limit)

    def _remove_closed(self, customer: str, now: int) -> bool:
        """Remove the IDs of orders that are not open at time `now` (ms) any more. Return whether there were any."""
        open_key = to_attributes(keys.open_key(customer))
        response = self._client.get_item(TableName=self._name, Key=open_key, ConsistentRead=True)
        ids = from_attributes(response.get("Item", {})).get(id_sets.IDS, frozenset())
        found = [self.get(customer, each) for each in ids]
        closed = ids - {order.id for order in found if order is not None and is_open(order, now)}
        if closed:
            request = {"Key": open_key, **id_sets.removal(closed)}
            retried(self._client, lambda: self._client.update_item(TableName=self._name, **request))
        return bool(closed)

    @override
    def get(self, customer: str, id: str) -> Order | None:
        # Consistent, so that clients read their own writes.
        response = self._client.get_item(TableName=self._name, Key=key(customer, id), ConsistentRead=True)
        return from_item(response["Item"]) if "Item" in response else None

    @override
    def update(
        self,
        customer: str,
        id: str,
        changes: Mapping[str, object],
        when: Collection[Status],
        match: Collection[str] | None = None,
    ) -> Order:
        request = update_request(customer, id, changes, when, match)
        try:
            response = self._client.update_item(TableName=self._name, **request)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            existing = _existing(error)
            if existing is None:
                raise Refusal("missing", f"There is no order `{id}`.") from None
            raise _mismatch(existing, when, match) from None
        return from_item(response["Attributes"])

    @override
    def delete(
        self, customer: str, id: str, match: Collection[str] | None = None, when: Collection[Status] = ANY_STATUS
    ) -> bool:
        try:
            self._client.delete_item(TableName=self._name, **delete_request(customer, id, match, when))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            existing = _existing(error)
            if existing is None:
                return False
            raise _mismatch(existing, when, match) from None
        return True

    @override
    def page(self, customer: str | None, status: Status | None, limit: int, after: str | None) -> Page[Order]:
        # One query, or one per shard for everyone's orders.
        found = [order for query in self._queries(customer, status) for order in self._query(*query, limit + 1, after)]
        found.sort(key=keys.position, reverse=True)
        page = found[:limit]
        return Page(page, keys.position(page[-1]) if len(found) > limit else None)

    @staticmethod
    def _queries(customer: str | None, status: Status | None) -> list[tuple[Index, str]]:
        if customer is not None:
            if status is None:
                return [(keys.CUSTOMER_TIME, customer)]
            return [(keys.CUSTOMER_STATUS_TIME, f"{customer}#{status}")]
        if status is None:
            return [(keys.SHARD_TIME, shard) for shard in SHARDS]
        return [(keys.SHARD_STATUS_TIME, f"{shard}#{status}") for shard in SHARDS]

    def _query(self, index: Index, partition: str, limit: int, after: str | None) -> Iterator[Order]:
        """Up to `limit` orders. A response ends at 1 MB, so large orders may need several queries."""
        while limit > 0:
            response = self._client.query(TableName=self._name, **query_request(index, partition, limit, after))
            orders = [from_item(item) for item in response["Items"]]
            yield from orders
            if "LastEvaluatedKey" not in response or not orders:
                return
            limit -= len(orders)
            after = keys.position(orders[-1])


def _mismatch(existing: Order, when: Collection[Status], match: Collection[str] | None) -> Refusal:
    """The refusal of a write whose conditions an order does not meet."""
    if match is not None and existing.revision not in match:
        return Refusal("changed", CHANGED)
    allowed = " or ".join(f"`{status}`" for status in sorted(when))
    possible = f"possible only from {allowed}" if allowed else "not possible"
    return Refusal("conflict", f"The order is `{existing.status}`; this is {possible}.")


def too_many_open(limit: int) -> Refusal:
    """The refusal of a new order when the customer already has `limit` open orders."""
    return Refusal(
        "throttled",
        f"You have {limit} open orders. Place the next one when one of them has been picked up or cancelled.",
        errors=[FieldError("customer", f"Expected fewer than {limit} open orders")],
        extra={"type": "urn:cafe:problem:too-many-open"},
        retry_after=OPEN_RETRY_SECONDS,
    )


def _existing(error: Any) -> Order | None:
    """The order that made a conditional write fail, from the error's `Item`."""
    item = error.response.get("Item")
    return from_item(item) if item else None
