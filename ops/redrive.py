"""`redrive`: send back what was set aside, and lose none of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ops import stream
from ops.errors import UserError
from ops.queues import Message, Queue, held
from ops.stack import Stack
from ops.text import short

ATTRIBUTE_FIELDS = ("DataType", "StringValue", "BinaryValue")
"""What SQS takes of an attribute."""


class Outcome(NamedTuple):
    """What became of a message: whether it was sent back, and why it is still where it was, if it is."""

    id: str
    sent: bool
    problem: str | None


def redrive(stack: Stack, queue: Queue, tell: Callable[[Outcome], None]) -> None:
    """Send back every message that is there when this begins, and tell of each. Raises what boto3 raises.

    SQS has a task of its own for this (StartMessageMoveTask). It gives messages new ids without leaving a trace of the
    old ones, so a queued order would change its id, and each redrive of it could make another order; the stream's
    batches it cannot send anywhere; and the emulator does not have it.

    All messages are received before the first is sent back. Whatever fails again can come back while this runs, or
    without end: it is not looked for. And a message is deleted only when SQS, or the function, has confirmed that it
    has it. Whatever happens on the way, a message is in one of both places, or for a time in both: what handles them
    does not mind to see one twice.
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
                tell(Outcome(id_, sent=True, problem=f"it was sent back, but could not be deleted: {short(error)}"))
            else:
                del messages[id_]
                tell(Outcome(id_, sent=True, problem=None))


def send_back(stack: Stack, queue: Queue, message: Message) -> None:
    """Send a message to the queue that it came from, or a batch of the stream to its function.

    Raises `UserError` and what boto3 raises, unless it is certain that it has arrived.
    """
    if queue.is_stream:
        batch = stream.parse(message["Body"])
        records = stream.read(stack.client("dynamodbstreams"), batch)
        stream.hand_over(stack.client("lambda"), queue.function, records)
        return
    sent = copy_of(message, names_order=queue.names_orders)
    stack.client("sqs").send_message(QueueUrl=queue.source, **sent)


def copy_of(message: Message, *, names_order: bool) -> dict[str, Any]:
    """A message that was received, as SendMessage takes it.

    SQS gives it a new id. Where the id names an order, the first one travels along as the attribute `orderId`.
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
