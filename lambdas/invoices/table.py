"""Invoices and their ledger in DynamoDB. A change and its ledger entry are one transaction.

No code here updates or deletes an entry, and the functions' roles only allow putting one. IAM cannot prevent a put from
overwriting an item, so each put is conditional; an overwritten entry would break the chain.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from lambdas.invoices import keys
from lambdas.invoices.ledger import Entry, Head
from lambdas.invoices.mail import NotMailed
from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.invoices.store import Store
from lambdas.runtime import aws
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes
from lambdas.runtime.ids import SHARDS
from lambdas.runtime.tables import Page

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

Request = dict[str, Any]
Record = TypeVar("Record", StoredInvoice, Entry)

RETRYABLE = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"})
"""Cancellation reasons after a concurrent write (API reference, TransactWriteItems). `None` marks the writes that would
have succeeded."""


class Names(NamedTuple):
    """The names of the tables: invoices, their ledger, and the head of each payee's chain."""

    invoices: str
    ledger: str
    heads: str


def to_item(value: StoredInvoice | Entry) -> Request:
    """An invoice with its index keys, or an entry, as DynamoDB attribute values."""
    extra = keys.index_keys(value) if isinstance(value, StoredInvoice) else {}
    return to_attributes({**msgspec.to_builtins(value), **extra})


def from_item(item: Mapping[str, Any], type: type[Record]) -> Record:
    """The invoice or the entry in a DynamoDB item."""
    return msgspec.convert(from_attributes(item), type)


def invoice_write(table: str, before: StoredInvoice | None, after: StoredInvoice | None) -> Request:
    """The transaction's write of an invoice, on condition that it is unchanged."""
    if before is None:
        assert after is not None, "`before` and `after` cannot both be `None`"
        return {"Put": {"TableName": table, "Item": to_item(after), "ConditionExpression": "attribute_not_exists(id)"}}
    condition = {
        "ConditionExpression": "#entry = :entry",
        "ExpressionAttributeNames": {"#entry": "_entry"},
        "ExpressionAttributeValues": to_attributes({":entry": before.entry}),
    }
    if after is None:
        return {"Delete": {"TableName": table, "Key": invoice_key(before.user_id, before.id), **condition}}
    return {"Put": {"TableName": table, "Item": to_item(after), **condition}}


def entry_writes(names: Names, entry: Entry, open_invoices: int = 0) -> list[Request]:
    """The transaction's writes that append an entry, on condition that its number is free, and make it the head."""
    last = {"sequence": entry.sequence, "hash": entry.hash, "open": open_invoices}
    head = to_attributes({"userId": entry.user_id, **last})
    follows: Request = {"ConditionExpression": "attribute_not_exists(userId)"}
    if entry.sequence > 1:
        follows = {
            "ConditionExpression": "#hash = :previous",
            "ExpressionAttributeNames": {"#hash": "hash"},
            "ExpressionAttributeValues": to_attributes({":previous": entry.previous}),
        }
    put = {"Item": to_item(entry), "ConditionExpression": "attribute_not_exists(userId)"}
    return [{"Put": {"TableName": names.ledger, **put}}, {"Put": {"TableName": names.heads, "Item": head, **follows}}]


def invoice_key(user: str, id: str) -> Request:
    """The primary key of an invoice."""
    return to_attributes({"userId": user, "id": id})


class InvoicesTable(Store):
    """A `Store` in three DynamoDB tables with the keys and indexes of `lambdas.invoices.keys`."""

    def __init__(self, names: Names, client: "DynamoDBClient | None" = None) -> None:
        self._names = names
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    @override
    def get(self, user: str, id: str) -> StoredInvoice | None:
        response = self._client.get_item(TableName=self._names.invoices, Key=invoice_key(user, id), ConsistentRead=True)
        return from_item(response["Item"], StoredInvoice) if "Item" in response else None

    @override
    def find(self, id: str) -> StoredInvoice | None:
        values = {":partition": keys.shard(id), ":id": id}
        return next(self._invoices(*keys.SHARD[:2], "#partition = :partition AND id = :id", values), None)

    @override
    def by_link(self, digest: str) -> StoredInvoice | None:
        # The index may lag behind, so read the invoice that it names from the table.
        response = self._client.query(
            TableName=self._names.invoices,
            IndexName=keys.LINK.name,
            KeyConditionExpression="#link = :digest",
            ExpressionAttributeNames={"#link": keys.LINK.partition_key},
            ExpressionAttributeValues=to_attributes({":digest": digest}),
        )
        found = [self.get(item["userId"]["S"], item["id"]["S"]) for item in response["Items"]]
        return next((invoice for invoice in found if invoice is not None and invoice.link == digest), None)

    @override
    def page(
        self, user: str | None, status: InvoiceStatus | None, limit: int, after: str | None
    ) -> Page[StoredInvoice]:
        # One query, or one per shard for everyone's invoices.
        found = [
            invoice
            for index, attribute, partition in _partitions(user, status)
            for invoice in self._newest(index, attribute, partition, limit + 1, after)
        ]
        found.sort(key=lambda invoice: invoice.id, reverse=True)
        page = found[:limit]
        return Page(page, page[-1].id if len(found) > limit else None)

    @override
    def head(self, user: str) -> Head:
        response = self._client.get_item(TableName=self._names.heads, Key={"userId": {"S": user}}, ConsistentRead=True)
        fields = from_attributes(response.get("Item", {}))
        return Head(fields["sequence"], fields["hash"], fields.get("open", 0)) if fields else Head()

    @override
    def entries(self, invoice_id: str, limit: int, after: int) -> list[Entry]:
        response = self._client.query(
            TableName=self._names.ledger,
            IndexName=keys.OF_INVOICE.name,
            KeyConditionExpression="invoiceId = :id AND #sequence > :after",
            ExpressionAttributeNames={"#sequence": "sequence"},
            ExpressionAttributeValues=to_attributes({":id": invoice_id, ":after": after}),
            Limit=limit,
        )
        return [from_item(item, Entry) for item in response["Items"]]

    @override
    def commit(
        self, before: StoredInvoice | None, after: StoredInvoice | None, entry: Entry, open_invoices: int = 0
    ) -> bool:
        writes: list[Any] = [
            invoice_write(self._names.invoices, before, after),
            *entry_writes(self._names, entry, open_invoices),
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: Any = error.response
            if {reason["Code"] for reason in reasons["CancellationReasons"]} <= RETRYABLE:
                return False
            raise
        return True

    def count_mail(self, user: str, day: int, limit: int) -> bool:
        """Count an email of a user on a day. `False` if there were `limit` or more already. Raises `NotMailed` if it
        cannot be counted: by then, the invoice is sent, and its payee needs the link."""
        first = "SET #day = :day, #count = :one", "attribute_not_exists(#day) OR #day < :day", {":day": day, ":one": 1}
        further = (
            "SET #count = #count + :one",
            "#day = :day AND #count < :limit",
            {":day": day, ":one": 1, ":limit": limit},
        )
        try:
            # Twice: of two first emails of a day, one is the second.
            return any(self._update_mails(user, *update) for update in (further, first, further))
        except (BotoCoreError, ClientError) as error:
            raise NotMailed(f"the email could not be counted: {error}") from error

    def _update_mails(self, user: str, update: str, condition: str, values: Mapping[str, int]) -> bool:
        """Update the item that counts a user's emails. `False` if the condition is not met."""
        try:
            self._client.update_item(
                TableName=self._names.invoices,
                Key=invoice_key(f"{keys.MAILS}#{user}", keys.MAILS),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#day": "day", "#count": "count"},
                ExpressionAttributeValues=to_attributes(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def chain(self, user: str) -> Iterator[Entry]:
        """All entries of a payee's chain, in order, to verify it."""
        start: Any = {}
        while True:
            response = self._client.query(
                TableName=self._names.ledger,
                KeyConditionExpression="userId = :user",
                ExpressionAttributeValues=to_attributes({":user": user}),
                ConsistentRead=True,
                **start,
            )
            yield from (from_item(item, Entry) for item in response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

    def _newest(
        self, index: str | None, attribute: str, partition: str, limit: int, after: str | None
    ) -> Iterator[StoredInvoice]:
        """Up to `limit` invoices of a partition, newest first. An invoice has at most 3 KB, so a whole page fits into
        one response of up to 1 MB."""
        values = {":partition": partition}
        condition = "#partition = :partition"
        if after is not None:
            condition += " AND id < :after"
            values[":after"] = after
        return self._invoices(index, attribute, condition, values, ScanIndexForward=False, Limit=limit)

    def _invoices(
        self, index: str | None, attribute: str, condition: str, values: Mapping[str, str], **more: Any
    ) -> Iterator[StoredInvoice]:
        """The invoices of one query. Queries of the table itself are consistent: payees read their own writes."""
        response = self._client.query(
            TableName=self._names.invoices,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#partition": attribute},
            ExpressionAttributeValues=to_attributes(values),
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **more,
        )
        return (from_item(item, StoredInvoice) for item in response["Items"])


def _partitions(user: str | None, status: InvoiceStatus | None) -> list[tuple[str | None, str, str]]:
    """The partitions of a list: the index (`None` for the table), its partition key, and the key's value."""
    if user is not None:
        if status is None:
            return [(None, "userId", user)]
        return [(*keys.USER_STATUS[:2], keys.user_status(user, status))]
    if status is None:
        return [(*keys.SHARD[:2], shard) for shard in SHARDS]
    return [(*keys.SHARD_STATUS[:2], keys.shard_status(shard, status)) for shard in SHARDS]
