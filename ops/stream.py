"""Failed batches of the orders table's stream: reads their records and retries them."""

import base64
import json
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from local.errors import UserError

BATCH = 10
"""Records per call: as many as the stream sends."""

PAGES = 100
"""The maximum number of pages, of up to 1,000 records each, to search for a batch. Pages may be empty."""

HANDLED = frozenset({"INSERT", "MODIFY"})
"""The changes that are retried: the functions do nothing about removals, or only count them."""

Record = dict[str, Any]
"""A record in the format of Lambda's event, but with bytes and times as boto3 returns them."""


class Gone(UserError):
    """The stream no longer has the records."""

    def __init__(self) -> None:
        super().__init__(
            "the stream keeps records for 24 hours and no longer has these; `GET /orders?status=created` lists the "
            "orders that still wait, and staff can update them"
        )


class Batch(NamedTuple):
    """Lambda's report on a failed batch: the location and number of its records, the reason, the last request ID."""

    stream: str
    shard: str
    first: str
    last: int
    size: int
    condition: str
    call: str


def parse(body: str) -> Batch:
    """The batch that a message describes. Raises `UserError` if it describes none."""
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
        raise UserError("the message is not Lambda's report on a stream batch") from None


def read(streams: Any, batch: Batch) -> list[Record]:
    """The batch's records, except removals. `streams` is a client. Raises `Gone`, and boto3's errors."""
    try:
        records = _read(streams, batch)
    except ClientError as error:
        # A shard without records is soon deleted, too.
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
    # Without its end, the batch is incomplete, and handling a part would lose the rest.
    raise Gone


def hand_over(functions: Any, name: str, records: list[Record]) -> None:
    """Invoke a function with records, a few at a time and in order. `functions` is a Lambda client.

    Raises `UserError` if any of them fails, and boto3's errors.
    """
    for first in range(0, len(records), BATCH):
        event = json.dumps({"Records": records[first : first + BATCH]}, default=_plain)
        answer = functions.invoke(FunctionName=name, Payload=event.encode())
        content = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise UserError(f"{name} failed: {content.get('errorType')}: {content.get('errorMessage')}")
        if content != {"batchItemFailures": []}:
            raise UserError(f"{name} failed again; `dead-letters` shows why")


def _plain(value: object) -> str | int:
    """Values that JSON lacks, as in Lambda's event: base64, and seconds since 1970."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return int(value.timestamp())
    raise TypeError(f"unexpected type in a stream record: {type(value).__name__}")
