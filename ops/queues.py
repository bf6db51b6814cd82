"""The queues of what was set aside, and how their messages are read: SQS has no way to look without receiving."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ops.errors import UserError
from ops.interrupts import uninterrupted
from ops.stack import Stack

HIDDEN_SECONDS = 300
"""How long a message is hidden from others that was received here, unless it is shown again before."""

WAIT_SECONDS = 1
"""How long SQS looks for messages. Without a wait it asks some of its servers only, and misses those of the others."""

BATCH = 10
"""Messages in a request: SQS takes no more."""

Message = dict[str, Any]
"""A message as ReceiveMessage gives it."""


class Outputs(NamedTuple):
    """The names of the outputs that say where a queue's dead letters are, where they came from, and who failed."""

    dead_letters: str
    source: str
    function: str


OUTPUTS = {
    "orders": Outputs("ordersDlqUrl", "ordersQueueUrl", "sqsLambda"),
    "intake": Outputs("intakeDlqUrl", "intakeQueueUrl", "queuedOrderLambda"),
    "stream": Outputs("streamFailuresUrl", "ordersTableArn", "dynamoLambda"),
    "kitchen": Outputs("kitchenDlqUrl", "kitchenQueueUrl", "kitchenLambda"),
    "photos": Outputs("photosDlqUrl", "photosQueueUrl", "filePhotoLambda"),
    "invoices": Outputs("invoiceFailuresUrl", "ordersTableArn", "invoiceOrderLambda"),
}
"""The queues by their short names."""

OPTIONAL = frozenset({"kitchen", "photos", "invoices"})
"""The queues that not every stack has."""


class Queue(NamedTuple):
    """Where messages are set aside, what they came from (a queue's URL, or the table's ARN), and the function that
    could not handle them."""

    name: str
    url: str
    source: str
    function: str

    @property
    def names_orders(self) -> bool:
        """Whether an order gets the id of its message."""
        return self.name == "intake"

    @property
    def is_stream(self) -> bool:
        """Whether its messages are about batches of the table's stream."""
        return self.name in ("stream", "invoices")


def find_queues(stack: Stack, names: list[str]) -> tuple[list[Queue], list[str]]:
    """The queues of these names, or of all names; and for each queue that an old stack lacks a line that says so.

    Raises `UserError` when a queue that was named is not there, or none is.
    """
    lacking = {name: [output for output in OUTPUTS[name] if not stack.outputs.get(output)] for name in OUTPUTS}
    known = [name for name, outputs in lacking.items() if not outputs]
    notes = [
        f"{name} is left out: the stack has no output {', '.join(outputs)}; deploy it again"
        for name, outputs in lacking.items()
        if outputs and name not in OPTIONAL
    ]
    if not known:
        raise UserError("the outputs name no queue; give those of `pulumi stack output --json`")
    for name in names:
        if name not in known:
            raise UserError(f"there is no queue {name!r}; there is {', '.join(known)}")
    found = [
        Queue(name, *(str(stack.outputs[output]) for output in OUTPUTS[name])) for name in dict.fromkeys(names or known)
    ]
    return found, [] if names else notes


def count_hidden(sqs: Any, url: str) -> int:
    """About how many messages are hidden, as somebody has received them: they look empty, these queues."""
    name = "ApproximateNumberOfMessagesNotVisible"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


@contextmanager
def held(sqs: Any, url: str) -> Iterator[dict[str, Message]]:
    """All messages of a queue by their ids, hidden from others for as long as the block lasts, or five minutes.

    Afterwards those that are still in the dictionary can be seen again, however the block ends. A dead-letter queue
    has no redrive policy of its own, so it takes no harm from a message that is received often.
    """
    messages: dict[str, Message] = {}
    try:
        while _receive(sqs, url, messages):
            pass
        yield messages
    finally:
        with uninterrupted():
            _show(sqs, url, list(messages.values()))


def _receive(sqs: Any, url: str, messages: dict[str, Message]) -> bool:
    """Add the next messages; whether any of them was new."""
    # SQS goes on looking for whoever has hung up, and would hide from all what we have just shown again.
    with uninterrupted():
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        # One that comes again, because SQS delivers twice now and then, is known by its latest receipt.
        batch = {message["MessageId"]: message for message in answer.get("Messages", [])}
        new = batch.keys() - messages.keys()
        messages.update(batch)
    return bool(new)


def _show(sqs: Any, url: str, messages: list[Message]) -> None:
    """Let others see messages again. One that cannot be shown is somebody else's by now, or shows itself in time."""
    for first in range(0, len(messages), BATCH):
        entries = [
            {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for n, message in enumerate(messages[first : first + BATCH])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)
