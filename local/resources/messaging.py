"""SQS queues and SNS topics."""

from typing import Any

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


def _attributes(values: dict[str, Any]) -> dict[str, str]:
    """Attribute values as strings, which both services require."""
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
    url = aws.client("sqs").create_queue(QueueName=name, Attributes=_attributes(attributes))["QueueUrl"]
    return Created(url, {"name": name, "url": url, "arn": aws.arn("sqs", name)})


@creates("aws:sqs/queuePolicy:QueuePolicy")
def queue_policy(aws: Aws, planned: Planned) -> Created:
    """Set the access policy of a queue."""
    url, policy = planned.inputs["queueUrl"], planned.inputs["policy"]
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Created(url, {})


@creates("aws:sns/topic:Topic")
def topic(aws: Aws, planned: Planned) -> Created:
    """Create a topic."""
    name = planned.physical_name()
    attributes = planned.inputs.only(kmsMasterKeyId="KmsMasterKeyId", displayName="DisplayName")
    arn = aws.client("sns").create_topic(Name=name, Attributes=_attributes(attributes))["TopicArn"]
    return Created(arn, {"name": name, "arn": arn})


@creates("aws:sns/topicPolicy:TopicPolicy")
def topic_policy(aws: Aws, planned: Planned) -> Created:
    """Set the access policy of a topic."""
    arn, policy = planned.inputs["arn"], planned.inputs["policy"]
    aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Created(arn, {})


@creates("aws:sns/topicSubscription:TopicSubscription")
def topic_subscription(aws: Aws, planned: Planned) -> Created:
    """Subscribe an endpoint to a topic. The emulator sends no email."""
    inputs = planned.inputs
    arn = aws.client("sns").subscribe(
        TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"], ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    return Created(arn, {"arn": arn})
