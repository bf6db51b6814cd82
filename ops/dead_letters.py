"""`dead-letters`: shows the messages in the dead-letter queues and why they failed."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from local.errors import UserError
from local.text import short
from ops import stream
from ops.queues import Message, Queue, held
from ops.reasons import reasons
from ops.stack import Stack

STREAM_KEEPS_MS = 24 * 3600 * 1000
"""How long before its message was sent a stream batch may have failed: the stream's retention of 24 hours."""

MAX_NAME_CHARACTERS = 130
"""Enough for a customer's user name."""


class DeadLetter(NamedTuple):
    """A message in a dead-letter queue: when it was sent (ISO 8601), how often it was received (each `dead-letters`
    counts), a short description, and why it failed (`None` if the log does not say)."""

    queue: str
    id: str
    sent: str
    receives: int
    about: str
    why: str | None


class Summary(NamedTuple):
    """A message's description, and the IDs under which the log may contain its failure."""

    about: str
    log_ids: list[str]


def dead_letters(stack: Stack, queue: Queue) -> list[DeadLetter]:
    """The messages in a dead-letter queue, oldest first. They remain in the queue. Raises boto3's errors."""
    with held(stack.client("sqs"), queue.url) as messages:
        found = sorted(messages.values(), key=sent_ms)
    if not found:
        return []
    known = reasons(stack, queue.function, sent_ms(found[0]) - (STREAM_KEEPS_MS if queue.is_stream else 0))

    def dead_letter(message: Message) -> DeadLetter:
        summary = summarize_batch(stack, message["Body"]) if queue.is_stream else summarize(queue, message)
        why = next((known[id_] for id_ in summary.log_ids if id_ in known), None)
        sent = datetime.fromtimestamp(sent_ms(message) // 1000, UTC).isoformat()
        receives = int(message["Attributes"]["ApproximateReceiveCount"])
        return DeadLetter(queue.name, message["MessageId"], sent, receives, short(summary.about), why and short(why))

    return [dead_letter(message) for message in found]


def sent_ms(message: Message) -> int:
    """When a message was sent, in ms. A dead-letter queue keeps the time at which it entered the first queue."""
    return int(message["Attributes"]["SentTimestamp"])


def summarize(queue: Queue, message: Message) -> Summary:
    """Describe a message by customer and order, if known, and its body's size; reveals nothing else of the body."""
    body, id_ = message["Body"], message["MessageId"]
    try:
        content = json.loads(body)
        kind = "JSON"
    except (ValueError, RecursionError):
        content, kind = None, "invalid JSON"
    fields: dict[str, Any] = content if isinstance(content, dict) else {}
    # The intake queue's messages carry these in attributes; their own ID is the order's.
    attributes = {name: value.get("StringValue") for name, value in message.get("MessageAttributes", {}).items()}
    customer = attributes.get("customer") or fields.get("customer")
    order = attributes.get("orderId") or (id_ if queue.uses_message_id else fields.get("id"))
    named = {"customer": customer, "order": order}
    about = [f"{name} {short(value, MAX_NAME_CHARACTERS)}" for name, value in named.items() if isinstance(value, str)]
    return Summary(", ".join([*about, f"{len(body)} characters of {kind}"]), [id_])


def summarize_batch(stack: Stack, body: str) -> Summary:
    """Describe a stream batch by its orders, for as long as the stream has its records."""
    try:
        batch = stream.parse(body)
    except UserError as error:
        return Summary(str(error), [])
    about = f"{batch.size} records, {batch.condition}"
    try:
        records = stream.read(stack.client("dynamodbstreams"), batch)
    except stream.Gone:
        return Summary(f"{about}, no longer in the stream", [batch.call])
    keys = [record["dynamodb"]["Keys"] for record in records]
    orders = ", ".join(f"{key['customer']['S']}/{key['id']['S']}" for key in keys)
    # At worst, the request ID finds the reason for another record of the batch.
    return Summary(f"{about}: {orders}", [*(record["eventID"] for record in records), batch.call])
