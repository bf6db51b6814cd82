"""Orders and what follows from them: table -> stream -> queue -> kitchen, and word to the customer."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import table_stream
from components.durable_queue import DurableQueue, consume, dead_letter_queue
from components.iam import Grant
from components.order_workflow import OrderWorkflow
from components.orders_table import orders_environment, orders_table
from components.python_function import FunctionPlatform, PythonFunction
from lambdas.http import MAX_BODY_BYTES

FUNCTION_TIMEOUT_SECONDS = 10
VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS
"""Lambda's advice for a queue that it polls: six times the function's timeout."""

MESSAGE_BYTES = 4096
"""More than any message about an order: it names the customer and the order, and nothing else."""

ORDERS_BATCH_SIZE = 2
INTAKE_BATCH_SIZE = 10

CHANGES = '{"eventName": ["INSERT", "MODIFY"]}'
"""The records that start the stream's handler. Removals, by hand or by age, concern nobody."""


class EventPipelineArgs(TypedDict):
    """Inputs of `EventPipeline`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    boundary_arn: pulumi.Input[str]
    """The permissions boundary of every role."""

    order_retention_days: int
    """How long an order is kept after its creation."""

    queue_concurrency: int
    """How many batches of a queue are handled at once, 2 to 1,000."""

    stream_parallelization: int
    """How many batches of a shard of the stream are handled at once, 1 to 10; the changes of one customer's orders
    stay in their order."""

    notification_email: NotRequired[str]
    """An address that gets every notification. Default: nobody."""

    workflow: NotRequired[bool]
    """Whether new orders go through the order workflow, with payment, instead of straight to the kitchen.
    Default: no."""

    protect: NotRequired[bool]
    """Whether the tables of the orders and of their payments are kept from being deleted. Default: no."""


class EventPipeline(pulumi.ComponentResource):
    """The orders table, the queues, the topic, and the functions between them."""

    table_name: pulumi.Output[str]
    """The orders table."""
    table_arn: pulumi.Output[str]
    """Its ARN."""
    stream_arn: pulumi.Output[str]
    """The table's stream, which takes two readers: the stream handler is one."""
    orders_queue_url: pulumi.Output[str]
    """URL of the queue with one message for each new order."""
    intake_queue_url: pulumi.Output[str]
    """URL of the queue of orders that API Gateway puts there without a function in between."""
    intake_queue_name: pulumi.Output[str]
    """That queue's name."""
    intake_queue_arn: pulumi.Output[str]
    """That queue's ARN."""
    stream_failures_url: pulumi.Output[str]
    """URL of the queue with the positions of stream records that were given up."""
    stream_failures_name: pulumi.Output[str]
    """That queue's name."""
    topic_arn: pulumi.Output[str]
    """One message for each change of an order's status."""

    def __init__(self, name: str, args: EventPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:EventPipeline", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        table = orders_table(f"{name}-orders", args.get("protect", False), self)
        self.table_name, self.table_arn, self.stream_arn = table.name, table.arn, table.stream_arn
        self._orders_environment = orders_environment(table.name, args["order_retention_days"])
        self.orders_queue: DurableQueue = self._queue("orders-queue", max_message_bytes=MESSAGE_BYTES)
        # Nobody but the queue looks at the size of a body that goes straight into it.
        self.intake_queue: DurableQueue = self._queue("intake-queue", max_message_bytes=MAX_BODY_BYTES)
        self.orders_queue_url, self.intake_queue_url = self.orders_queue.url, self.intake_queue.url
        self.intake_queue_name, self.intake_queue_arn = self.intake_queue.name, self.intake_queue.arn
        failures = dead_letter_queue(f"{name}-stream-failures", self._child)
        self.stream_failures_url, self.stream_failures_name = failures.url, failures.name
        topic = aws.sns.Topic(f"{name}-user-notification", kms_master_key_id="alias/aws/sns", opts=self._child)
        self.topic_arn = topic.arn
        if email := args.get("notification_email"):
            aws.sns.TopicSubscription(
                f"{name}-user-notification-email",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                opts=self._child,
            )

        self.stream_handler: PythonFunction = self._stream_handler(table, failures)
        self.workflow: OrderWorkflow | None = self._workflow() if args.get("workflow") else None
        """The order workflow, where it is on."""
        self.queue_handler: PythonFunction = (
            self._workflow_starter(self.workflow) if self.workflow else self._queue_handler()
        )
        self.orders_queue.feed(self.queue_handler, batch_size=ORDERS_BATCH_SIZE, concurrency=args["queue_concurrency"])
        self.queued_order_handler: PythonFunction = self._queued_order_handler()
        self.functions: dict[str, PythonFunction] = {
            "publish_changes": self.stream_handler,
            "start_workflow" if self.workflow else "accept_order": self.queue_handler,
            "create_queued_order": self.queued_order_handler,
        }
        """All functions, by module."""
        self.queues: dict[str, DurableQueue] = {"orders": self.orders_queue, "intake": self.intake_queue}
        """All queues that have a dead-letter queue, by what is in them; with the workflow also `kitchen`."""
        if self.workflow:
            self.functions |= {**self.workflow.functions, "answer_kitchen": self.workflow.kitchen}
            self.queues["kitchen"] = self.workflow.kitchen_queue
        self.register_outputs({"table_name": self.table_name, "topic_arn": self.topic_arn})

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
                "module": f"lambdas.{module}",
                "description": description,
                "environment": environment,
                "grants": grants,
                "timeout_seconds": FUNCTION_TIMEOUT_SECONDS,
            },
            self._child,
        )

    def _stream_handler(self, table: aws.dynamodb.Table, failures: aws.sqs.Queue) -> PythonFunction:
        notifications = self._notifications_table()
        function = self._function(
            "stream-handler",
            "publish_changes",
            "Tells the kitchen of new orders and the topic of changes of status",
            {
                "ORDERS_QUEUE_URL": self.orders_queue.url,
                "USER_NOTIFICATION_TOPIC_ARN": self.topic_arn,
                "NOTIFICATIONS_TABLE": notifications.name,
            },
            [
                {
                    "actions": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    "resources": [notifications.arn],
                },
                *table_stream.read(table.arn, table.stream_arn),
                {"actions": ["sqs:SendMessage"], "resources": [self.orders_queue.arn, failures.arn]},
                {"actions": ["sns:Publish"], "resources": [self.topic_arn]},
            ],
        )
        table_stream.feed(
            f"{self._name}-stream-handler-source",
            function,
            stream_arn=table.stream_arn,
            pattern=CHANGES,
            failures_arn=failures.arn,
            parallelization=self._args["stream_parallelization"],
            opts=self._child,
        )
        return function

    def _queue_handler(self) -> PythonFunction:
        return self._function(
            "queue-handler",
            "accept_order",
            "Accepts new orders for the kitchen",
            self._orders_environment,
            [
                consume(self.orders_queue),
                {"actions": ["dynamodb:UpdateItem"], "resources": [self.table_arn]},
            ],
        )

    def _workflow_starter(self, workflow: OrderWorkflow) -> PythonFunction:
        return self._function(
            "queue-handler",
            "start_workflow",
            "Starts the workflow of new orders",
            {"STATE_MACHINE_ARN": workflow.state_machine_arn},
            [
                consume(self.orders_queue),
                {"actions": ["states:StartExecution"], "resources": [workflow.state_machine_arn]},
            ],
        )

    def _workflow(self) -> OrderWorkflow:
        return OrderWorkflow(
            f"{self._name}-workflow",
            {
                "platform": self._args["platform"],
                "boundary_arn": self._args["boundary_arn"],
                "orders_table_arn": self.table_arn,
                "orders_environment": self._orders_environment,
                "queue_concurrency": self._args["queue_concurrency"],
                "protect": self._args.get("protect", False),
            },
            self._child,
        )

    def _notifications_table(self) -> aws.dynamodb.Table:
        """What was sent to the topic, as Powertools' idempotency keeps it: for two days, so nothing to restore."""
        return aws.dynamodb.Table(
            f"{self._name}-notifications",
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            ttl={"attribute_name": "expiration", "enabled": True},
            opts=self._child,
        )

    def _queued_order_handler(self) -> PythonFunction:
        function = self._function(
            "queued-order-handler",
            "create_queued_order",
            "Creates the orders that wait in the intake queue",
            self._orders_environment,
            [
                consume(self.intake_queue),
                {"actions": ["dynamodb:PutItem"], "resources": [self.table_arn]},
            ],
        )
        self.intake_queue.feed(function, batch_size=INTAKE_BATCH_SIZE, concurrency=self._args["queue_concurrency"])
        return function
