"""Sending what happened to an order: to the kitchen's queue and to the customers' topic."""

from typing import TYPE_CHECKING

import boto3
import msgspec

from lambdas.orders.events import OrderPlaced, StatusChanged

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sqs.client import SQSClient


class Messenger:
    """Sends an event to where it belongs. Delivery is at least once: a retried record sends its message again."""

    def __init__(
        self,
        queue_url: str,
        topic_arn: str,
        sqs: "SQSClient | None" = None,
        sns: "SNSClient | None" = None,
    ) -> None:
        self._queue_url = queue_url
        self._topic_arn = topic_arn
        self._sqs = sqs or boto3.client("sqs")
        self._sns = sns or boto3.client("sns")

    def send(self, event: OrderPlaced | StatusChanged) -> None:
        """An `OrderPlaced` to the queue; a `StatusChanged` to the topic, with attributes to filter by."""
        body = msgspec.json.encode(event).decode()
        if isinstance(event, OrderPlaced):
            self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=body)
            return
        attributes = {"customer": event.customer, "status": str(event.status)}
        self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=event.subject,
            Message=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
