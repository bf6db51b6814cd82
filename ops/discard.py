"""`discard`: deletes dead letters that nobody can repair, and keeps a record of each."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path

from local.errors import UserError
from ops.queues import Message, Queue, held
from ops.stack import Stack


def discard(stack: Stack, queue: Queue, ids: Sequence[str], record: Path) -> int:
    """Delete the messages with these IDs, and append each to a file, as JSON, one per line. Returns their number.

    A message is deleted only after it is recorded. Raises `UserError` if the file cannot be written, or before anything
    is deleted if a message is not in the queue; and boto3's errors.
    """
    sqs = stack.client("sqs")
    with held(sqs, queue.url) as messages:
        for id_ in ids:
            if id_ not in messages:
                raise UserError(f"{queue.name}: there is no message {id_}; `dead-letters` shows all")
        for id_ in dict.fromkeys(ids):
            write(record, queue, messages[id_])
            sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=messages.pop(id_)["ReceiptHandle"])
    return len(set(ids))


def write(record: Path, queue: Queue, message: Message) -> None:
    """Append a message to the record. Raises `UserError`."""
    kept = {
        "queue": queue.name,
        "id": message["MessageId"],
        "sent": int(message["Attributes"]["SentTimestamp"]),
        "body": message["Body"],
        "attributes": message.get("MessageAttributes", {}),
    }
    try:
        with record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept, default=lambda value: base64.b64encode(value).decode()) + "\n")
    except OSError as error:
        raise UserError(f"{record}: {error.strerror}; nothing more was discarded") from error
