"""Records for tests."""

import json

from local.recorder.raw import Kind, Raw, Verdict, payload
from local.recorder.record import read

ROLE = "arn:aws:sts::000000000000:assumed-role/accept-role/accept"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders-queue"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"


def raw(number, kind, name="", request="", *, at=None, ms=1.0, parent=0, answer="", **more):
    """What the emulator's process records. `at` is in ms, and by default follows the number."""
    texts = [it if isinstance(it, bytes) else it.encode() for it in (request, answer)]
    began = (number if at is None else at) / 1000
    return Raw(number, kind, began, ms / 1000, parent, name, *map(payload, texts), **more)


def record(*arguments, **options):
    """The same as a record."""
    return read(raw(*arguments, **options))


def call(number, action="dynamodb:PutItem", resource=TABLE, request="{}", *, is_allowed=True, layer="identity", **more):
    """A function's call of a service."""
    statement = {"sid": "", "effect": "Allow"} if is_allowed else None
    verdict = Verdict(ROLE, action, resource, is_allowed, layer, statement)
    status = 200 if is_allowed else 400
    return record(
        number, Kind.REQUEST, "/", request, method="POST", host="localhost:1", status=status, verdicts=[verdict], **more
    )


def invocation(number, module, event=None, **more):
    """A call of a function."""
    records = (event or {}).get("Records", [])
    received = [it.get("messageId") or it["eventID"] for it in records]
    content = json.dumps(event or {})
    return record(number, Kind.INVOCATION, f"lambdas.{module}.handler", content, received=received, **more)


def messages(*ids, body="{}"):
    """The event of a queue's messages."""
    return {"Records": [{"messageId": id_, "body": body, "eventSource": "aws:sqs"} for id_ in ids]}


def change(number, order, customer="ann", status="created", **more):
    """A change in the stream of the orders table."""
    key = {"customer": {"S": customer}, "id": {"S": order}}
    image = {**key, "status": {"S": status}}
    content = {"eventID": f"event-{number}", "eventName": "INSERT", "dynamodb": {"Keys": key, "NewImage": image}}
    return record(number, Kind.STREAM, TABLE, json.dumps(content), ids=[f"event-{number}"], **more)
