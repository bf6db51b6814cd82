"""SQS queues."""

from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


def attribute_strings(values: dict[str, Any]) -> dict[str, str]:
    """Attribute values as strings, which SQS and SNS require."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}


@provides("aws:sqs/queue:Queue")
class Queue(Provider):
    """A queue with its attributes."""

    name = "name"
    replace_on = frozenset({"name", "fifoQueue"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        url = aws.client("sqs").create_queue(QueueName=inputs["name"], Attributes=_attributes(inputs))["QueueUrl"]
        return Created(url, {"url": url, "arn": aws.arn("sqs", inputs["name"])})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # Attributes that the program no longer sets return to SQS's defaults.
        attributes = {**DEFAULTS, **_attributes(inputs)}
        if inputs.get("kmsMasterKeyId"):
            del attributes["SqsManagedSseEnabled"]  # only one of both
        elif existing.inputs.get("kmsMasterKeyId"):
            attributes["KmsMasterKeyId"] = ""
        if inputs.get("fifoQueue"):
            attributes.setdefault("ContentBasedDeduplication", "false")
        aws.client("sqs").set_queue_attributes(QueueUrl=existing.id, Attributes=attributes)
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("sqs").delete_queue(QueueUrl=existing.id)


DEFAULTS = {
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "345600",
    "MaximumMessageSize": "1048576",
    "Policy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "DelaySeconds": "0",
    "ReceiveMessageWaitTimeSeconds": "0",
}
"""Attributes of a queue that was created without them (SQS API reference, CreateQueue)."""


def _attributes(inputs: Inputs) -> dict[str, str]:
    return attribute_strings(
        inputs.only(
            visibilityTimeoutSeconds="VisibilityTimeout",
            messageRetentionSeconds="MessageRetentionPeriod",
            maxMessageSize="MaximumMessageSize",
            redrivePolicy="RedrivePolicy",
            sqsManagedSseEnabled="SqsManagedSseEnabled",
            delaySeconds="DelaySeconds",
            receiveWaitTimeSeconds="ReceiveMessageWaitTimeSeconds",
            kmsMasterKeyId="KmsMasterKeyId",
            fifoQueue="FifoQueue",
            contentBasedDeduplication="ContentBasedDeduplication",
            policy="Policy",
        )
    )


@provides("aws:sqs/queuePolicy:QueuePolicy")
class QueuePolicy(Provider):
    """The access policy of a queue."""

    replace_on = frozenset({"queueUrl"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        url = inputs["queueUrl"]
        aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": inputs["policy"]})
        return Created(url, {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("sqs").set_queue_attributes(QueueUrl=existing.id, Attributes={"Policy": ""})
