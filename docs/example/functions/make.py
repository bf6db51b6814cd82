"""Makes orders, and publishes that they are made."""

import json
import os
from http import HTTPStatus
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take messages of the queue."""
    for record in event["Records"]:
        publish({"id": record["messageId"], "made": record["body"]})
    return {"batchItemFailures": []}


def publish(message: dict[str, Any]) -> None:
    """Publish to the channel `/orders/made`, with the function's own permission."""
    session = boto3.Session()
    body = json.dumps({"channel": "/orders/made", "events": [json.dumps(message)]})
    headers = {"Content-Type": "application/json", "Host": os.environ["LIVE_HOST"]}
    request = AWSRequest("POST", os.environ["LIVE_URL"], headers, body)
    SigV4Auth(session.get_credentials(), "appsync", session.region_name).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"AppSync answered {answer.status_code}: {answer.text}")
