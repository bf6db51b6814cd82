"""What a run holds: tables, queues, mail, people."""

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode

from boto3.dynamodb.types import Binary, TypeDeserializer

from ops.queues import OUTPUTS

from ..emulator_client import Aws
from ..recorder.redaction import redacted
from .graph import Graph

ITEMS = 50
"""How many items of a table, messages of a queue, mails or people are shown."""

SECONDS = 10
"""How long the emulator may take to show its mails and messages."""


def data(aws: Aws, graph: Graph, outputs: dict[str, Any]) -> dict[str, Any]:
    """The tables with their number of items, the queues with their number of messages, mails, and people."""
    tables = {graph.label(node): name for node, name in graph.ids("table").items()}
    return {
        "tables": [
            {"label": label, "name": name, "items": _count(aws, name)} for label, name in sorted(tables.items())
        ],
        "queues": _queues(aws, graph, outputs),
        "mails": _mails(aws),
        "people": [person for pool in graph.ids("user pool").values() for person in _people(aws, pool)],
    }


def items(aws: Aws, table: str) -> list[str]:
    """The first items of a table, as JSON."""
    read = TypeDeserializer().deserialize
    found = aws.client("dynamodb").scan(TableName=table, Limit=ITEMS)["Items"]
    return [redacted(_text({name: read(value) for name, value in item.items()})) for item in found]


def messages(aws: Aws, queue: str) -> list[dict[str, Any]]:
    """The messages in a queue, which stay as they are: ID, body, and how often each was received."""
    found = _get(aws, f"sqs/messages?{urlencode({'QueueUrl': queue})}")["messages"]
    regions = [region for account in found.values() for region in account.values()]
    return [
        {"id": it["MessageId"], "body": redacted(it["Body"]), "received": it["ReceiveCount"]}
        for region in regions
        for it in region.get(queue, [])
    ][:ITEMS]


def _queues(aws: Aws, graph: Graph, outputs: dict[str, Any]) -> list[dict[str, Any]]:
    names = {str(outputs.get(it.dead_letters)): name for name, it in OUTPUTS.items()}
    found = []
    for node, url in graph.ids("queue").items():
        counts = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        found.append(
            {
                "label": graph.label(node),
                "url": url,
                "waiting": int(counts["ApproximateNumberOfMessages"]),
                "inFlight": int(counts["ApproximateNumberOfMessagesNotVisible"]),
                "deadLetters": names.get(url, ""),
            }
        )
    return sorted(found, key=lambda it: (not (it["deadLetters"] and it["waiting"]), it["label"]))


def _mails(aws: Aws) -> list[dict[str, str]]:
    found = [mail for account in _get(aws, "ses/messages")["messages"].values() for mail in account]
    return [
        {
            "to": ", ".join(mail.get("To") or []),
            "subject": str(mail.get("Subject", "")),
            # Not redacted: this is the mailbox, and where the codes for signing up are read.
            "text": str(mail.get("BodyText") or mail.get("BodyHtml") or ""),
        }
        for mail in found[: -ITEMS - 1 : -1]
    ]


def _people(aws: Aws, pool: str) -> list[dict[str, str]]:
    found = aws.client("cognito-idp").list_users(UserPoolId=pool, Limit=ITEMS)["Users"]
    people = []
    for user in found:
        attributes = {it["Name"]: it["Value"] for it in user["Attributes"]}
        people.append({"name": user["Username"], "email": attributes.get("email", ""), "status": user["UserStatus"]})
    return people


def _count(aws: Aws, table: str) -> int:
    return int(aws.client("dynamodb").describe_table(TableName=table)["Table"]["ItemCount"])


def _get(aws: Aws, path: str) -> dict[str, Any]:
    # The emulator's own pages, which no SDK knows. No proxy, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{aws.endpoint}/_ministack/{path}", timeout=SECONDS) as answer:
        return dict(json.load(answer))


def _text(item: Any) -> str:
    return json.dumps(item, indent=2, ensure_ascii=False, default=lambda it: "…" if isinstance(it, Binary) else str(it))
