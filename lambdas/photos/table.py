"""Photos in DynamoDB. Pure functions build the requests, and `PhotosTable` sends them."""

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from lambdas.photos import keys
from lambdas.photos.keys import SHARD_TIME
from lambdas.photos.models import Reservation, StoredPhoto
from lambdas.photos.quota import Quota, Usage
from lambdas.photos.store import Store
from lambdas.runtime import aws, id_sets
from lambdas.runtime.dynamodb_json import from_attributes, to_attributes
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import SHARDS, created_at
from lambdas.runtime.tables import Page
from lambdas.runtime.transactions import has_failed, retried, transact

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

Request = dict[str, Any]


def photo_key(userid: str, id: str) -> Request:
    """The primary key of a photo."""
    return to_attributes({"userid": userid, "id": id})


def quota_key(userid: str) -> Request:
    """The primary key of a user's usage."""
    return photo_key(userid, keys.QUOTA)


def reservation_key(id: str) -> Request:
    """The primary key of a reservation."""
    return photo_key(f"{keys.RESERVATION}#{id}", keys.RESERVATION)


def pending_key(userid: str) -> Request:
    """The primary key of the IDs of a user's pending reservations."""
    return photo_key(f"{keys.PENDING}#{userid}", keys.PENDING)


def reservation_item(reservation: Reservation) -> Request:
    """A pending reservation. DynamoDB deletes it after it expires."""
    fields = {**msgspec.to_builtins(reservation), "status": "pending"}
    del fields["_version"], fields["refused"]
    return {**to_attributes(fields), **reservation_key(reservation.id)}


def photo_item(photo: StoredPhoto) -> Request:
    """A photo with its index key."""
    return to_attributes({**msgspec.to_builtins(photo), SHARD_TIME.partition_key: keys.shard(photo.id)})


def reservation_update(photo: StoredPhoto) -> Request:
    """The update that fulfills a pending reservation. It no longer expires."""
    return {
        "Key": reservation_key(photo.id),
        "UpdateExpression": "SET #status = :stored, #version = :version REMOVE #expireOn",
        "ConditionExpression": "#status = :pending",
        "ExpressionAttributeNames": {"#status": "status", "#version": "_version", "#expireOn": "_expireOn"},
        "ExpressionAttributeValues": to_attributes(
            {":pending": "pending", ":stored": "stored", ":version": photo.version}
        ),
    }


def usage_update(photo: StoredPhoto, quota: Quota | None = None) -> Request:
    """The update of a user's usage: adds a photo within `quota`; without a quota, subtracts one."""
    sign = 1 if quota else -1
    request: Request = {
        "Key": quota_key(photo.userid),
        "UpdateExpression": "ADD #count :count, #bytes :bytes",
        "ExpressionAttributeNames": {"#count": "count", "#bytes": "bytes"},
        "ExpressionAttributeValues": to_attributes({":count": sign, ":bytes": sign * photo.size}),
    }
    if quota:
        room = {":count_before": quota.count - 1, ":bytes_before": quota.bytes - photo.size}
        request["ConditionExpression"] = (
            "attribute_not_exists(#count) OR (#count <= :count_before AND #bytes <= :bytes_before)"
        )
        request["ExpressionAttributeValues"] |= to_attributes(room)
    return request


class PhotosTable(Store):
    """A `Store` in a DynamoDB table with the keys of `lambdas.photos.keys`."""

    def __init__(self, name: str, client: "DynamoDBClient | None" = None) -> None:
        self._name = name
        self._client: DynamoDBClient = client or aws.client("dynamodb")

    @override
    def usage(self, userid: str) -> Usage:
        fields = self._get(quota_key(userid)) or {}
        return Usage(fields.get("count", 0), fields.get("bytes", 0))

    @override
    def reserve(self, reservation: Reservation, limit: int) -> bool:
        if self._reserve(reservation, limit):
            return True
        self._remove_ended(reservation.owner, created_at(reservation.id))
        return self._reserve(reservation, limit)

    @override
    def reservation(self, id: str) -> Reservation | None:
        fields = self._get(reservation_key(id))
        return msgspec.convert({**fields, "id": id}, Reservation) if fields else None

    @override
    def refuse(self, reservation: Reservation, reason: str) -> None:
        # If the condition fails, the reservation is deleted or fulfilled.
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            retried(
                self._client,
                lambda: self._client.update_item(
                    TableName=self._name,
                    Key=reservation_key(reservation.id),
                    UpdateExpression="SET #status = :refused, refused = :reason",
                    ConditionExpression="#status = :pending",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=to_attributes(
                        {":pending": "pending", ":refused": "refused", ":reason": reason}
                    ),
                ),
            )

    @override
    def file(self, photo: StoredPhoto, quota: Quota) -> None:
        if not quota.has_room(Usage(), photo.size):
            raise quota.exceeded(photo.size)  # a user's first photo has no usage item to check
        put = {"Item": photo_item(photo)}
        failed = self._transact(
            {"Update": reservation_update(photo)}, {"Put": put}, {"Update": usage_update(photo, quota)}
        )
        if failed[0]:
            reservation = self.reservation(photo.id)
            if reservation is None or reservation.version != photo.version:
                raise Refusal("missing", "No reservation exists for this upload, or another photo has used it.")
        elif failed[2]:
            raise quota.exceeded(photo.size)

    @override
    def get(self, userid: str, id: str) -> StoredPhoto | None:
        fields = self._get(photo_key(userid, id))
        return msgspec.convert(fields, StoredPhoto) if fields else None

    @override
    def delete(self, photo: StoredPhoto) -> bool:
        photo_delete = {"Key": photo_key(photo.userid, photo.id), "ConditionExpression": "attribute_exists(id)"}
        reserved = {"Key": reservation_key(photo.id)}
        failed = self._transact({"Delete": photo_delete}, {"Delete": reserved}, {"Update": usage_update(photo)})
        return not failed[0]

    @override
    def page(self, userid: str | None, limit: int, after: str | None) -> Page[StoredPhoto]:
        # One query, or one per shard for everyone's photos.
        if userid is not None:
            found = self._query("userid", userid, limit + 1, after)
        else:
            found = [
                photo
                for shard in SHARDS
                for photo in self._query(SHARD_TIME.partition_key, shard, limit + 1, after, IndexName=SHARD_TIME.name)
            ]
        found.sort(key=lambda photo: photo.id, reverse=True)
        page = found[:limit]
        return Page(page, page[-1].id if len(found) > limit else None)

    def _reserve(self, reservation: Reservation, limit: int) -> bool:
        """Store a reservation and add it to those of its owner. `False` if there are `limit` or more."""
        pending = {"Key": pending_key(reservation.owner), **id_sets.addition(reservation.id, limit)}
        failed = self._transact({"Put": {"Item": reservation_item(reservation)}}, {"Update": pending})
        return not failed[1]

    def _remove_ended(self, userid: str, now: int) -> None:
        """Remove a user's reservations from the set of pending ones that no longer are, at time `now` (ms)."""
        ids = (self._get(pending_key(userid)) or {}).get(id_sets.IDS, frozenset())
        found = [self.reservation(each) for each in ids]
        pending = {reservation.id for reservation in found if reservation and reservation.counts(now)}
        if ended := ids - pending:
            request = {"Key": pending_key(userid), **id_sets.removal(ended)}
            retried(self._client, lambda: self._client.update_item(TableName=self._name, **request))

    def _get(self, key: Request) -> dict[str, Any] | None:
        """The fields of an item, read consistently, or `None`."""
        response = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return from_attributes(response["Item"]) if "Item" in response else None

    def _query(self, attribute: str, partition: str, limit: int, after: str | None, **index: Any) -> list[StoredPhoto]:
        """Up to `limit` photos of a partition. A page always fits into one response of 1 MB."""
        response = self._client.query(
            TableName=self._name,
            KeyConditionExpression="#partition = :partition AND #id < :after",
            ExpressionAttributeNames={"#partition": attribute, "#id": "id"},
            ExpressionAttributeValues=to_attributes({":partition": partition, ":after": after or keys.MAX_PHOTO_ID}),
            ScanIndexForward=False,
            Limit=limit,
            **index,
        )
        return [msgspec.convert(from_attributes(item), StoredPhoto) for item in response["Items"]]

    def _transact(self, *writes: Request) -> list[bool]:
        """Carry out all writes or none. Return, for each write in order, whether its condition failed."""
        items = [{kind: {"TableName": self._name, **write}} for action in writes for kind, write in action.items()]
        reasons = transact(self._client, *items)
        return [has_failed(reasons, number) for number in range(len(writes))]
