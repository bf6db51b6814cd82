"""`redrive`: sends dead letters back without losing any."""

from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import UserError
from local.text import short
from ops import stream
from ops.queues import Message, Queue, held
from ops.stack import Stack

ATTRIBUTE_FIELDS = ("DataType", "StringValue", "BinaryValue")
"""The fields of an attribute that SQS accepts."""


class Outcome(NamedTuple):
    """The result for a message: whether it was sent back, and why it remains in the dead-letter queue, if it does."""

    id: str
    sent: bool
    problem: str | None


def redrive(stack: Stack, queue: Queue, tell: Callable[[Outcome], None]) -> None:
    """Send back every message that is in the queue at the start; calls `tell` with each result. Raises boto3's errors.

    SQS has its own task for this, StartMessageMoveTask. It gives messages new IDs without recording the old ones, so a
    queued order would change its ID, and each redrive could create another order. It cannot send the stream's batches
    anywhere, and the emulator does not support it.

    All messages are received before the first is sent back: a message that fails again can return during the redrive,
    possibly endlessly, and is not received again. A message is deleted only after SQS, or the function, has confirmed
    it. Whatever fails, a message is in one of the two places, or temporarily in both; its handlers tolerate duplicates.
    """
    sqs = stack.client("sqs")
    with held(sqs, queue.url) as messages:
        for id_, message in list(messages.items()):
            try:
                send_back(stack, queue, message)
            except (BotoCoreError, ClientError, UserError) as error:
                tell(Outcome(id_, sent=False, problem=short(error)))
                continue
            try:
                sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
            except (BotoCoreError, ClientError) as error:
                tell(Outcome(id_, sent=True, problem=f"sent back, but could not be deleted: {short(error)}"))
            else:
                del messages[id_]
                tell(Outcome(id_, sent=True, problem=None))


def send_back(stack: Stack, queue: Queue, message: Message) -> None:
    """Send a message to its source queue, or a stream batch to its function.

    Raises `UserError` and boto3's errors, unless the arrival is confirmed.
    """
    if queue.is_stream:
        batch = stream.parse(message["Body"])
        records = stream.read(stack.client("dynamodbstreams"), batch)
        stream.hand_over(stack.client("lambda"), queue.function, records)
        return
    sent = copy_of(message, names_order=queue.uses_message_id)
    stack.client("sqs").send_message(QueueUrl=queue.source, **sent)


def copy_of(message: Message, *, names_order: bool) -> dict[str, Any]:
    """A received message as arguments for SendMessage.

    SQS gives it a new ID. If the ID is also the order's, the attribute `orderId` carries the original.
    """
    attributes = {
        name: {field: value[field] for field in ATTRIBUTE_FIELDS if field in value}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    if names_order:
        attributes.setdefault("orderId", {"DataType": "String", "StringValue": message["MessageId"]})
    trace = message.get("Attributes", {}).get("AWSTraceHeader")
    system = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}} if trace else {}
    return {"MessageBody": message["Body"], "MessageAttributes": attributes, "MessageSystemAttributes": system}
