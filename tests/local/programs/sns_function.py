"""A topic that invokes a function."""

import pulumi
import pulumi_aws as aws
from common import allow, noting

topic = aws.sns.Topic("news")
listener = noting("listener")
allow("news", listener, "sns.amazonaws.com", topic.arn)
aws.sns.TopicSubscription("listener", topic=topic.arn, protocol="lambda", endpoint=listener.arn)
pulumi.export("topic", topic.arn)
