"""SNS topics and subscriptions."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates
from .sqs import attribute_strings


@creates("aws:sns/topic:Topic")
def topic(aws: Aws, planned: Planned) -> Created:
    """Create a topic."""
    name = planned.physical_name()
    attributes = planned.inputs.only(kmsMasterKeyId="KmsMasterKeyId", displayName="DisplayName")
    arn = aws.client("sns").create_topic(Name=name, Attributes=attribute_strings(attributes))["TopicArn"]
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
