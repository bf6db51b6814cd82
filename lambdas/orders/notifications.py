"""Notifying customers of status changes."""

import json
from typing import TYPE_CHECKING, Any, cast

import msgspec
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from lambdas.orders.events import StatusChanged
from lambdas.runtime import aws

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_sns.client import SNSClient

CHANGE = '[customer, id, status, "_updatedAt"]'
"""The idempotency key of a status change."""

REMEMBERED_SECONDS = 2 * 24 * 3600
"""How long a notification is remembered: twice the 24 hours during which a stream can redeliver its record."""


class FixedRemainingTime:
    """How long an attempt counts as in progress, through the method that Powertools calls on the Lambda context.

    Shorter than the invocation's remaining time: a stream delivers a record to one invocation at a time, so an
    unfinished attempt has crashed. Waiting for its timeout would use up all retries.
    """

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Return 1000: one second."""
        return 1000


class Notifications:
    """The customers' topic: one message for each status change of an order.

    The orders table cannot record what was sent, because SNS takes no part in DynamoDB conditions, and a FIFO topic,
    which removes duplicates, supports no email addresses. So a separate table records each change. One gap remains: a
    function that publishes, and crashes or loses the response before recording it, publishes again.
    """

    def __init__(
        self,
        topic_arn: str,
        table_name: str,
        sns: "SNSClient | None" = None,
        dynamodb: "DynamoDBClient | None" = None,
    ) -> None:
        self._topic_arn = topic_arn
        self._sns: SNSClient = sns or aws.client("sns")
        config = IdempotencyConfig(event_key_jmespath=CHANGE, expires_after_seconds=REMEMBERED_SECONDS)
        config.register_lambda_context(cast("LambdaContext", FixedRemainingTime()))
        self._publish_once = idempotent_function(
            self._publish,
            data_keyword_argument="change",
            persistence_store=DynamoDBPersistenceLayer(table_name, boto3_client=dynamodb or aws.client("dynamodb")),
            config=config,
        )

    def send(self, change: StatusChanged) -> None:
        """Notify the customer, unless already notified of this change."""
        self._publish_once(change=msgspec.to_builtins(change))

    def _publish(self, change: dict[str, Any]) -> None:
        document = json.dumps(change)
        changed = msgspec.convert(change, StatusChanged)
        attributes = {"customer": changed.customer, "status": str(changed.status)}
        self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=changed.subject,
            # Programs get the whole document; email gets only the text.
            MessageStructure="json",
            Message=json.dumps({"default": document, "email": changed.text}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
