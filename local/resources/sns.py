"""SNS topics and subscriptions."""

import json
from typing import Any

from ..emulator_client import ACCOUNT_ID, Aws
from .provider import Created, Existing, Inputs, Provider, provides
from .sqs import attribute_strings

ATTRIBUTES = {"kmsMasterKeyId": "KmsMasterKeyId", "displayName": "DisplayName"}
CREATED_WITH = {"fifoTopic": "FifoTopic", "contentBasedDeduplication": "ContentBasedDeduplication"}
"""Attributes of a topic, by input."""

SUBSCRIPTION_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}
"""Attributes of a subscription, by input."""


@provides("aws:sns/topic:Topic")
class Topic(Provider):
    """A topic."""

    name = "name"
    replace_on = frozenset({"name", *CREATED_WITH})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        attributes = attribute_strings(inputs.only(**ATTRIBUTES, **CREATED_WITH))
        arn = aws.client("sns").create_topic(Name=inputs["name"], Attributes=attributes)["TopicArn"]
        return Created(arn, {"arn": arn})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        inputs.only(**CREATED_WITH)
        for key, attribute in ATTRIBUTES.items():
            value = inputs.get(key) or ""
            aws.client("sns").set_topic_attributes(TopicArn=existing.id, AttributeName=attribute, AttributeValue=value)
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("sns").delete_topic(TopicArn=existing.id)


@provides("aws:sns/topicPolicy:TopicPolicy")
class TopicPolicy(Provider):
    """The access policy of a topic."""

    replace_on = frozenset({"arn"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        _set_policy(aws, inputs["arn"], inputs["policy"])
        return Created(inputs["arn"], {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        # A topic always has a policy; SNS's default grants access to the topic's account.
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
            "Resource": existing.id,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT_ID}},
        }
        _set_policy(aws, existing.id, json.dumps({"Version": "2008-10-17", "Statement": [statement]}))


def _set_policy(aws: Aws, topic: str, policy: str) -> None:
    aws.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


@provides("aws:sns/topicSubscription:TopicSubscription")
class TopicSubscription(Provider):
    """A subscription of an endpoint to a topic. The emulator sends no email."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        arn = aws.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            ReturnSubscriptionArn=True,
            Attributes=attribute_strings(inputs.only(**SUBSCRIPTION_ATTRIBUTES)),
        )["SubscriptionArn"]
        return Created(arn, {"arn": arn})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("sns").unsubscribe(SubscriptionArn=existing.id)
