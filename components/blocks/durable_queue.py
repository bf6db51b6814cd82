"""An SQS queue that moves messages that keep failing to a dead-letter queue instead of losing them."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from .account import Account
from .iam import Grant, Statement, document
from .link import Link, variable
from .python_function import TIMEOUT_SECONDS, PythonFunction, PythonFunctionArgs

MAX_RECEIVES = 5
"""Failed receives before a message moves to the dead-letter queue."""

VISIBILITY_FACTOR = 6
"""Ratio of a queue's visibility timeout to the timeout of its consumer (Lambda developer guide, "Using Lambda with
Amazon SQS")."""

RETENTION_SECONDS = 14 * 24 * 3600
"""Retention of a dead-letter queue: SQS's maximum, 14 days."""


WAITING_SECONDS = 7 * 24 * 3600
"""Retention of a queue. A message that nobody receives until then is lost, for example while its function is disabled.
Its retention continues in the dead-letter queue, which must therefore be longer (SQS developer guide, "Dead-letter
queues")."""


def dead_letter_queue(name: str, opts: pulumi.ResourceOptions) -> aws.sqs.Queue:
    """A dead-letter queue: encrypted, with SQS's maximum retention."""
    return aws.sqs.Queue(name, message_retention_seconds=RETENTION_SECONDS, sqs_managed_sse_enabled=True, opts=opts)


class DurableQueueArgs(TypedDict):
    """Inputs of `DurableQueue`."""

    visibility_timeout_seconds: int
    """Seconds that a received message stays hidden: at least six times the consumer's timeout (Lambda's advice)."""

    max_message_bytes: int
    """Maximum message size in bytes, including attributes; 1,024 to 1,048,576."""


class DurableQueue(pulumi.ComponentResource):
    """A queue and its dead-letter queue, both encrypted with SQS managed keys."""

    url: pulumi.Output[str]
    """URL of the queue."""
    arn: pulumi.Output[str]
    """ARN of the queue, for policies."""
    name: pulumi.Output[str]
    """Name of the queue, for metrics."""
    dead_letters_url: pulumi.Output[str]
    """URL of the dead-letter queue."""
    dead_letters_name: pulumi.Output[str]
    """Name of the dead-letter queue, for metrics: any message in it needs attention."""

    def __init__(self, name: str, args: DurableQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:DurableQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        dead_letters = dead_letter_queue(f"{name}-dlq", child)
        queue = aws.sqs.Queue(
            name,
            visibility_timeout_seconds=args["visibility_timeout_seconds"],
            max_message_size=args["max_message_bytes"],
            message_retention_seconds=WAITING_SECONDS,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": MAX_RECEIVES}
            ),
            opts=child,
        )
        self.url, self.arn, self.name = queue.url, queue.arn, queue.name
        self.dead_letters_url, self.dead_letters_name = dead_letters.url, dead_letters.name
        self._name = name
        self._consumers = 0
        self._visibility_timeout_seconds = args["visibility_timeout_seconds"]
        self.register_outputs({"url": self.url, "arn": self.arn, "dead_letters_url": self.dead_letters_url})

    def feed(self, function: PythonFunction, *, batch_size: int, concurrency: int) -> None:
        """Invoke a function with the messages, in up to `concurrency` batches at once (2 to 1,000), each of up to
        `batch_size` messages (1 to 10). The function needs the grant `consumer_grant`."""
        self._consumers += 1
        # The first keeps the name that it had when there was only one.
        number = f"-{self._consumers}" if self._consumers > 1 else ""
        aws.lambda_.EventSourceMapping(
            f"{self._name}-source{number}",
            event_source_arn=self.arn,
            function_name=function.arn,
            batch_size=batch_size,
            function_response_types=["ReportBatchItemFailures"],
            # A burst waits in the queue instead of taking concurrency from the account's other functions.
            scaling_config={"maximum_concurrency": concurrency},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def subscribe(
        self, name: str, args: PythonFunctionArgs, *, batch_size: int = 10, concurrency: int = 2
    ) -> PythonFunction:
        """Create a function that receives the messages, with its permission: `feed` with a function of its own.

        The visibility timeout must be at least six times the function's timeout. Raises `ValueError` if it is not.
        """
        needed = VISIBILITY_FACTOR * args.get("timeout_seconds", TIMEOUT_SECONDS)
        if self._visibility_timeout_seconds < needed:
            raise ValueError(
                f"{self._name}: visibility_timeout_seconds is {self._visibility_timeout_seconds}, but {name} needs at "
                f"least {needed}, six times its timeout"
            )
        grants = [*args.get("grants", []), consumer_grant(self)]
        function = PythonFunction(
            name, {"synchronous": False, **args, "grants": grants}, pulumi.ResourceOptions(parent=self)
        )
        self.feed(function, batch_size=batch_size, concurrency=concurrency)
        return function

    def link(self) -> Link:
        """What a function needs to send messages: pass it in `links`."""
        grant: Grant = {"actions": ["sqs:SendMessage"], "resources": [self.arn]}
        return {"environment": {f"{variable(self._name)}_QUEUE_URL": self.url}, "grants": [grant]}

    def allow_send_from(self, service: str, source_arn: pulumi.Input[str]) -> aws.sqs.QueuePolicy:
        """Allow an AWS service, e.g. `s3.amazonaws.com`, to send messages about one of this account's resources."""
        statement: Statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": source_arn},
                "StringEquals": {"aws:SourceAccount": Account(self).id},
            },
        }
        return aws.sqs.QueuePolicy(
            f"{self._name}-policy",
            queue_url=self.url,
            policy=document(statement),
            opts=pulumi.ResourceOptions(parent=self),
        )


def consumer_grant(queue: DurableQueue) -> Grant:
    """The permissions of a function whose event source is the queue."""
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    return {"actions": actions, "resources": [queue.arn]}
