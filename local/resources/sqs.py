"""SQS queues."""

from typing import Any

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


def attribute_strings(values: dict[str, Any]) -> dict[str, str]:
    """Attribute values as strings, which SQS and SNS require."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}


@creates("aws:sqs/queue:Queue")
def queue(aws: Aws, planned: Planned) -> Created:
    """Create a queue with its attributes."""
    name = planned.physical_name()
    attributes = planned.inputs.only(
        visibilityTimeoutSeconds="VisibilityTimeout",
        messageRetentionSeconds="MessageRetentionPeriod",
        maxMessageSize="MaximumMessageSize",
        redrivePolicy="RedrivePolicy",
        sqsManagedSseEnabled="SqsManagedSseEnabled",
    )
    url = aws.client("sqs").create_queue(QueueName=name, Attributes=attribute_strings(attributes))["QueueUrl"]
    return Created(url, {"name": name, "url": url, "arn": aws.arn("sqs", name)})


@creates("aws:sqs/queuePolicy:QueuePolicy")
def queue_policy(aws: Aws, planned: Planned) -> Created:
    """Set the access policy of a queue."""
    url, policy = planned.inputs["queueUrl"], planned.inputs["policy"]
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Created(url, {})
