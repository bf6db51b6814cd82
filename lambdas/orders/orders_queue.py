"""Sending new orders to the kitchen."""

from typing import TYPE_CHECKING

import msgspec

from lambdas.orders.events import OrderPlaced
from lambdas.runtime import aws

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient


class OrdersQueue:
    """The orders queue. A stream record that is delivered twice sends two messages, but the order is accepted once."""

    def __init__(self, url: str, sqs: "SQSClient | None" = None) -> None:
        self._url = url
        self._sqs: SQSClient = sqs or aws.client("sqs")

    def send(self, placed: OrderPlaced) -> None:
        """Send a new order to the kitchen."""
        self._sqs.send_message(QueueUrl=self._url, MessageBody=msgspec.json.encode(placed).decode())
