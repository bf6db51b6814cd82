"""Takes an order: it is made later."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer `POST /orders`."""
    sent = boto3.client("sqs").send_message(QueueUrl=os.environ["ORDERS_QUEUE_URL"], MessageBody=event["body"])
    return {"statusCode": 202, "body": json.dumps({"id": sent["MessageId"]})}
