"""A custom bus, with a rule that passes matching events to a queue."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, policy

bus = aws.cloudwatch.EventBus("shop", name="shop")
queue = aws.sqs.Queue("orders")
rule = aws.cloudwatch.EventRule(
    "orders",
    event_bus_name=bus.name,
    event_pattern=json.dumps({"source": ["shop"], "detail-type": ["paid"] if CHANGED else ["ordered"]}),
)
aws.cloudwatch.EventTarget("orders", rule=rule.name, event_bus_name=bus.name, arn=queue.arn)
aws.sqs.QueuePolicy(
    "orders",
    queue_url=queue.url,
    policy=queue.arn.apply(
        lambda arn: policy(
            {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        )
    ),
)
pulumi.export("bus", bus.name)
pulumi.export("queue", queue.url)
pulumi.export("type", "paid" if CHANGED else "ordered")
