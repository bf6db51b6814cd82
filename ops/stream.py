"""Batches of the orders table's stream that were given up: what was in them, and another try."""

import base64
import json
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from ops.errors import UserError

BATCH = 10
"""Records that the function gets at once: as many as the stream gives it."""

PAGES = 100
"""Pages of up to 1,000 records in which a batch of a few is looked for. A stream may answer with empty ones."""

HANDLED = frozenset({"INSERT", "MODIFY"})
"""The changes that the function gets: the stream's filter holds removals back."""

Record = dict[str, Any]
"""A record in the shape of Lambda's event, though with bytes and times as boto3 gives them."""


class Gone(UserError):
    """The stream has the records no more."""

    def __init__(self) -> None:
        super().__init__(
            "the stream keeps records for 24 hours and has these no more; the orders that still wait are in "
            "`GET /orders?status=created`, and staff can move them on"
        )


class Batch(NamedTuple):
    """What Lambda tells of a batch that it gave up: where its records are, how many, why, and by which last call."""

    stream: str
    shard: str
    first: str
    last: int
    size: int
    condition: str
    call: str


def parse(body: str) -> Batch:
    """The batch that a message is about. Raises `UserError` when it is about none."""
    try:
        content = json.loads(body)
        info, context = content["DDBStreamBatchInfo"], content["requestContext"]
        return Batch(
            stream=str(info["streamArn"]),
            shard=str(info["shardId"]),
            first=str(info["startSequenceNumber"]),
            last=int(info["endSequenceNumber"]),
            size=int(info["batchSize"]),
            condition=str(context["condition"]),
            call=str(context["requestId"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise UserError("the message is not Lambda's word on a batch of the stream") from None


def read(streams: Any, batch: Batch) -> list[Record]:
    """The batch's records, but for removals. `streams` is a client. Raises `Gone`, and what boto3 raises."""
    try:
        records = _read(streams, batch)
    except ClientError as error:
        # A shard without records is not there for long either.
        if error.response["Error"]["Code"] in ("TrimmedDataAccessException", "ResourceNotFoundException"):
            raise Gone from error
        raise
    return [{**record, "eventSourceARN": batch.stream} for record in records if record["eventName"] in HANDLED]


def _read(streams: Any, batch: Batch) -> list[Record]:
    records: list[Record] = []
    where = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": batch.first}
    iterator = streams.get_shard_iterator(StreamArn=batch.stream, ShardId=batch.shard, **where)["ShardIterator"]
    for _ in range(PAGES):
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            records.append(record)
            if int(record["dynamodb"]["SequenceNumber"]) >= batch.last:
                return records
        iterator = page.get("NextShardIterator")
        if iterator is None:
            break
    # Without its end it is not the whole batch, and to handle a part would lose the rest.
    raise Gone


def hand_over(functions: Any, name: str, records: list[Record]) -> None:
    """Let a function handle records, a few at a time and in their order. `functions` is a Lambda client.

    Raises `UserError` when any of them could not be handled, and what boto3 raises.
    """
    for first in range(0, len(records), BATCH):
        event = json.dumps({"Records": records[first : first + BATCH]}, default=_plain)
        answer = functions.invoke(FunctionName=name, Payload=event.encode())
        content = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise UserError(f"{name} failed: {content.get('errorType')}: {content.get('errorMessage')}")
        if content != {"batchItemFailures": []}:
            raise UserError(f"{name} could not handle it this time either; `dead-letters` shows why")


def _plain(value: object) -> str | int:
    """What JSON does not know, as Lambda's event has it: base64, and seconds since 1970."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return int(value.timestamp())
    raise TypeError(f"a record of a stream has no {type(value).__name__}")
