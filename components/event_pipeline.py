"""Orders and what follows from them: table -> stream -> queue -> kitchen, and word to the customer."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.durable_queue import DurableQueue, dead_letter_queue
from components.iam import Grant
from components.python_function import FunctionPlatform, PythonFunction
from lambdas.http import MAX_BODY_BYTES
from lambdas.orders.keys import INDEXES

FUNCTION_TIMEOUT_SECONDS = 10
VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS
"""Lambda's advice for a queue that it polls: six times the function's timeout."""

MESSAGE_BYTES = 4096
"""More than any message about an order: it names the customer and the order, and nothing else."""

STREAM_BATCH_SIZE = 10
ORDERS_BATCH_SIZE = 2
INTAKE_BATCH_SIZE = 10
STREAM_MAX_RETRIES = 5
STREAM_MAX_AGE_SECONDS = 3600
"""How old a record may grow before it is set aside; the stream itself keeps it for 24 hours."""


class EventPipelineArgs(TypedDict):
    """Inputs of `EventPipeline`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    boundary_arn: pulumi.Input[str]
    """The permissions boundary of every role."""

    order_retention_days: int
    """How long an order is kept after its creation."""


class EventPipeline(pulumi.ComponentResource):
    """The orders table, the queues, the topic, and the functions between them."""

    table_name: pulumi.Output[str]
    table_arn: pulumi.Output[str]
    orders_queue: DurableQueue
    """One message for each new order."""
    intake_queue: DurableQueue
    """Orders that API Gateway puts there without a function in between."""
    stream_failures_url: pulumi.Output[str]
    """URL of the queue with the positions of stream records that were given up."""
    topic_arn: pulumi.Output[str]
    """One message for each change of an order's status."""
    stream_handler: PythonFunction
    queue_handler: PythonFunction
    queued_order_handler: PythonFunction

    def __init__(self, name: str, args: EventPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:aws:EventPipeline", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        table = orders_table(f"{name}-orders", self._child)
        self.table_name, self.table_arn = table.name, table.arn
        self.orders_queue = self._queue("orders-queue", max_message_bytes=MESSAGE_BYTES)
        # Nobody but the queue looks at the size of a body that goes straight into it.
        self.intake_queue = self._queue("intake-queue", max_message_bytes=MAX_BODY_BYTES)
        failures = dead_letter_queue(f"{name}-stream-failures", self._child)
        self.stream_failures_url = failures.url
        topic = aws.sns.Topic(f"{name}-user-notification", kms_master_key_id="alias/aws/sns", opts=self._child)
        self.topic_arn = topic.arn

        self.stream_handler = self._stream_handler(table, failures)
        self.queue_handler = self._queue_handler()
        self.queued_order_handler = self._queued_order_handler()
        self.register_outputs({"table_name": self.table_name, "topic_arn": self.topic_arn})

    @property
    def orders_environment(self) -> dict[str, pulumi.Input[str]]:
        """What a function that works with orders has to know."""
        return {
            "ORDERS_TABLE": self.table_name,
            "ORDER_RETENTION_DAYS": str(self._args["order_retention_days"]),
        }

    def _queue(self, role: str, *, max_message_bytes: int) -> DurableQueue:
        return DurableQueue(
            f"{self._name}-{role}",
            {"visibility_timeout_seconds": VISIBILITY_TIMEOUT_SECONDS, "max_message_bytes": max_message_bytes},
            self._child,
        )

    def _function(
        self, role: str, module: str, description: str, environment: dict[str, pulumi.Input[str]], grants: list[Grant]
    ) -> PythonFunction:
        return PythonFunction(
            f"{self._name}-{role}",
            {
                "platform": self._args["platform"],
                "boundary_arn": self._args["boundary_arn"],
                "module": module,
                "description": description,
                "environment": environment,
                "grants": grants,
                "timeout_seconds": FUNCTION_TIMEOUT_SECONDS,
            },
            self._child,
        )

    def _stream_handler(self, table: aws.dynamodb.Table, failures: aws.sqs.Queue) -> PythonFunction:
        function = self._function(
            "stream-handler",
            "publish_changes",
            "Tells the kitchen of new orders and the topic of changes of status",
            {"ORDERS_QUEUE_URL": self.orders_queue.url, "USER_NOTIFICATION_TOPIC_ARN": self.topic_arn},
            [
                {
                    "actions": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                    "resources": [table.stream_arn],
                },
                # AWS knows no single stream for this action: all streams of this one table.
                {"actions": ["dynamodb:ListStreams"], "resources": [pulumi.Output.concat(table.arn, "/stream/*")]},
                {"actions": ["sqs:SendMessage"], "resources": [self.orders_queue.arn, failures.arn]},
                {"actions": ["sns:Publish"], "resources": [self.topic_arn]},
            ],
        )
        aws.lambda_.EventSourceMapping(
            f"{self._name}-stream-handler-source",
            event_source_arn=table.stream_arn,
            function_name=function.arn,
            starting_position="TRIM_HORIZON",
            batch_size=STREAM_BATCH_SIZE,
            # Removals, by hand or by age, concern nobody: they never start the function.
            filter_criteria={"filters": [{"pattern": '{"eventName": ["INSERT", "MODIFY"]}'}]},
            function_response_types=["ReportBatchItemFailures"],
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=STREAM_MAX_RETRIES,
            maximum_record_age_in_seconds=STREAM_MAX_AGE_SECONDS,
            destination_config={"on_failure": {"destination_arn": failures.arn}},
            opts=self._child,
        )
        return function

    def _queue_handler(self) -> PythonFunction:
        function = self._function(
            "queue-handler",
            "accept_order",
            "Accepts new orders for the kitchen",
            self.orders_environment,
            [
                consume(self.orders_queue),
                {"actions": ["dynamodb:UpdateItem"], "resources": [self.table_arn]},
            ],
        )
        self._poll("queue-handler", self.orders_queue, function, ORDERS_BATCH_SIZE)
        return function

    def _queued_order_handler(self) -> PythonFunction:
        function = self._function(
            "queued-order-handler",
            "create_queued_order",
            "Creates the orders that wait in the intake queue",
            self.orders_environment,
            [
                consume(self.intake_queue),
                {"actions": ["dynamodb:PutItem"], "resources": [self.table_arn]},
            ],
        )
        self._poll("queued-order-handler", self.intake_queue, function, INTAKE_BATCH_SIZE)
        return function

    def _poll(self, role: str, queue: DurableQueue, function: PythonFunction, batch_size: int) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-{role}-source",
            event_source_arn=queue.arn,
            function_name=function.arn,
            batch_size=batch_size,
            function_response_types=["ReportBatchItemFailures"],
            opts=self._child,
        )


def orders_table(name: str, opts: pulumi.ResourceOptions) -> aws.dynamodb.Table:
    """The orders table with the keys and indexes that `lambdas.orders.keys` describes."""
    attributes = ["customer", "id", "_at", *(index.partition_key for index in INDEXES if not index.local)]
    return aws.dynamodb.Table(
        name,
        billing_mode="PAY_PER_REQUEST",
        hash_key="customer",
        range_key="id",
        attributes=[{"name": attribute, "type": "S"} for attribute in attributes],
        local_secondary_indexes=[
            {"name": index.name, "range_key": "_at", "projection_type": "ALL"} for index in INDEXES if index.local
        ],
        global_secondary_indexes=[
            {"name": index.name, "hash_key": index.partition_key, "range_key": "_at", "projection_type": "ALL"}
            for index in INDEXES
            if not index.local
        ],
        ttl={"attribute_name": "_expireOn", "enabled": True},
        stream_enabled=True,
        stream_view_type="NEW_AND_OLD_IMAGES",
        point_in_time_recovery={"enabled": True},
        opts=opts,
    )


def consume(queue: DurableQueue) -> Grant:
    """What a function needs whose event source is the queue."""
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    return {"actions": actions, "resources": [queue.arn]}
