"""A FIFO queue."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

queue = aws.sqs.Queue("jobs", fifo_queue=True, content_based_deduplication=True, delay_seconds=1 if CHANGED else 0)
pulumi.export("queue", queue.url)
