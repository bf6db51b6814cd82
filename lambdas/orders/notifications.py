"""Telling customers what has become of their orders."""

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
"""What tells one change of status from another."""

REMEMBERED_SECONDS = 2 * 24 * 3600
"""How long a notification is remembered: twice the 24 hours for which a stream can deliver its record again."""


class AttemptSeconds:
    """How long an attempt counts as under way, in the shape in which Powertools asks Lambda's context for it.

    Not until the call's time is over: a stream hands a record to one call at a time, so an attempt that a later call
    finds unfinished has died. To wait for its end would use up all retries.
    """

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """One second."""
        return 1000


class Notifications:
    """The customers' topic: one message for each change of an order's status.

    Nothing in the orders table could say that a message has been sent: a topic takes no part in its conditions, and
    a topic that removes duplicates (FIFO) takes no e-mail addresses. So each change is remembered in a table of its
    own. What is left: who has published and dies, or loses the topic's answer, before taking note publishes again.
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
        config.register_lambda_context(cast("LambdaContext", AttemptSeconds()))
        self._publish_once = idempotent_function(
            self._publish,
            data_keyword_argument="change",
            persistence_store=DynamoDBPersistenceLayer(table_name, boto3_client=dynamodb or aws.client("dynamodb")),
            config=config,
        )

    def send(self, change: StatusChanged) -> None:
        """Tell the customer, unless that has been done."""
        self._publish_once(change=msgspec.to_builtins(change))

    def _publish(self, change: dict[str, Any]) -> None:
        document = json.dumps(change)
        changed = msgspec.convert(change, StatusChanged)
        attributes = {"customer": changed.customer, "status": str(changed.status)}
        self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=changed.subject,
            # Programs get the whole document, people who read mail the sentence.
            MessageStructure="json",
            Message=json.dumps({"default": document, "email": changed.text}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
