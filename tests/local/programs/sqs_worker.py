"""A queue with a dead-letter queue, and a function that takes its messages."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, noting

dead = aws.sqs.Queue("dead", message_retention_seconds=1209600)
queue = aws.sqs.Queue(
    "work",
    visibility_timeout_seconds=120 if CHANGED else 60,
    receive_wait_time_seconds=1,
    redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})),
)
read = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
worker = noting("worker", {"Action": read, "Resource": queue.arn})
aws.lambda_.EventSourceMapping("work", event_source_arn=queue.arn, function_name=worker.arn, batch_size=1)
pulumi.export("queue", queue.url)
