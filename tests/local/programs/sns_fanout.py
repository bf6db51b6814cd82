"""A topic that passes messages to two queues, to one of them only those that match."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, policy

topic = aws.sns.Topic("news", display_name="News" if CHANGED else None)
for name, wanted in (("all", None), ("sport", json.dumps({"kind": ["sport"]}))):
    queue = aws.sqs.Queue(name)
    aws.sqs.QueuePolicy(
        name,
        queue_url=queue.url,
        policy=pulumi.Output.all(queue.arn, topic.arn).apply(
            lambda arns: policy(
                {
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arns[0],
                    "Condition": {"ArnEquals": {"aws:SourceArn": arns[1]}},
                }
            )
        ),
    )
    aws.sns.TopicSubscription(
        name,
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        filter_policy=wanted,
        raw_message_delivery=True,
    )
    pulumi.export(name, queue.url)
pulumi.export("topic", topic.arn)
