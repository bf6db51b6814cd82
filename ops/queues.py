"""The dead-letter queues and how to read them: SQS cannot show messages without receiving them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from local.errors import UserError
from ops.interrupts import uninterrupted
from ops.stack import Stack

HIDDEN_SECONDS = 300
"""How long a received message is hidden from other readers, unless it is released earlier."""

WAIT_SECONDS = 1
"""How long SQS waits for messages. Without a wait, it queries only some of its servers and misses other messages."""

BATCH = 10
"""Messages per request, SQS's maximum."""

Message = dict[str, Any]
"""A message as ReceiveMessage returns it."""


class Outputs(NamedTuple):
    """The names of the outputs with a queue's dead-letter queue, its source, and the function that failed."""

    dead_letters: str
    source: str
    function: str


OUTPUTS = {
    "orders": Outputs("ordersDlqUrl", "ordersQueueUrl", "sqsLambda"),
    "intake": Outputs("intakeDlqUrl", "intakeQueueUrl", "queuedOrderLambda"),
    "stream": Outputs("streamFailuresUrl", "ordersTableArn", "dynamoLambda"),
    "kitchen": Outputs("kitchenDlqUrl", "kitchenQueueUrl", "kitchenLambda"),
    "photos": Outputs("photosDlqUrl", "photosQueueUrl", "filePhotoLambda"),
    "ledger": Outputs("ledgerFailuresUrl", "ledgerTableName", "anchorLedgerLambda"),
    "invoices": Outputs("invoiceFailuresUrl", "ordersTableArn", "invoiceOrderLambda"),
}
"""The queues, by short name."""

OPTIONAL = frozenset({"kitchen", "photos", "ledger", "invoices"})
"""Queues that not every stack has."""


class Queue(NamedTuple):
    """A dead-letter queue, the source of its messages (a queue's URL, or the table's ARN), and the function that failed
    to handle them."""

    name: str
    url: str
    source: str
    function: str

    @property
    def uses_message_id(self) -> bool:
        """Whether an order gets the ID of its message."""
        return self.name == "intake"

    @property
    def is_stream(self) -> bool:
        """Whether its messages describe batches of the table's stream."""
        return self.name in ("stream", "ledger", "invoices")


def find_queues(stack: Stack, names: list[str]) -> tuple[list[Queue], list[str]]:
    """The queues with these names, or all queues, and a note for each queue that an older stack lacks.

    Raises `UserError` if a named queue does not exist, or if there is none at all.
    """
    lacking = {name: [output for output in OUTPUTS[name] if not stack.outputs.get(output)] for name in OUTPUTS}
    known = [name for name, outputs in lacking.items() if not outputs]
    notes = [
        f"skipping {name}: the stack has no output {', '.join(outputs)}; deploy it again"
        for name, outputs in lacking.items()
        if outputs and name not in OPTIONAL
    ]
    if not known:
        raise UserError("the outputs contain no queue; pass the output of `pulumi stack output --json`")
    for name in names:
        if name not in known:
            raise UserError(f"unknown queue {name!r}; available: {', '.join(known)}")
    found = [
        Queue(name, *(str(stack.outputs[output]) for output in OUTPUTS[name])) for name in dict.fromkeys(names or known)
    ]
    return found, [] if names else notes


def count_hidden(sqs: Any, url: str) -> int:
    """The approximate number of messages that a reader has received and hidden. They make a queue look empty."""
    name = "ApproximateNumberOfMessagesNotVisible"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


@contextmanager
def held(sqs: Any, url: str) -> Iterator[dict[str, Message]]:
    """All messages of a queue by ID, hidden from other readers until the block ends, for at most five minutes.

    However the block ends, messages that are still in the dictionary become visible again. A dead-letter queue has no
    redrive policy of its own, so receiving a message often does no harm.
    """
    messages: dict[str, Message] = {}
    try:
        while _receive(sqs, url, messages):
            pass
        yield messages
    finally:
        with uninterrupted():
            _release(sqs, url, list(messages.values()))


def _receive(sqs: Any, url: str, messages: dict[str, Message]) -> bool:
    """Add the next messages. Returns whether any of them was new."""
    # SQS completes an aborted request, and would hide the messages that were just released.
    with uninterrupted():
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        # SQS sometimes delivers a message twice: the latest receipt handle replaces the earlier one.
        batch = {message["MessageId"]: message for message in answer.get("Messages", [])}
        new = batch.keys() - messages.keys()
        messages.update(batch)
    return bool(new)


def _release(sqs: Any, url: str, messages: list[Message]) -> None:
    """Make messages visible again. If one fails, another reader has it, or its visibility timeout expires."""
    for first in range(0, len(messages), BATCH):
        entries = [
            {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for n, message in enumerate(messages[first : first + BATCH])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
