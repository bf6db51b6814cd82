"""The order pipeline: table -> stream -> queue -> kitchen, and notifications to the customer."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.runtime.http import MAX_BODY_BYTES

from ..blocks import table_stream
from ..blocks.durable_queue import VISIBILITY_FACTOR, DurableQueue, consumer_grant, dead_letter_queue
from ..blocks.python_function import TIMEOUT_SECONDS, FunctionPlatform, PythonFunction
from ..blocks.table import make_table
from ..functions import FunctionArgs, make_functions
from ..live_updates import LiveTarget, publish_grant, publisher_environment
from .order_workflow import OrderWorkflow
from .orders_table import (
    COUNT_REFUSED,
    CREATE_ORDER,
    DEFAULT_OPEN_ORDERS,
    USE_NUMBERS,
    CafeTableInputs,
    PipelineInputs,
    cafe_table,
    menu_environment,
    orders_environment,
    orders_table,
)

VISIBILITY_TIMEOUT_SECONDS = VISIBILITY_FACTOR * TIMEOUT_SECONDS

MESSAGE_BYTES = 4096
"""More than any message about an order, which contains only the customer and the order ID."""

ORDERS_BATCH_SIZE = 2
INTAKE_BATCH_SIZE = 10

CHANGES = '{"eventName": ["INSERT", "MODIFY"]}'
REMOVALS = '{"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"status": {"S": ["created", "accepted", "ready"]}}}}'
"""Filters for the stream handler. Of removals, only those of open orders matter: most others are expiries."""


class EventPipelineArgs(TypedDict):
    """Inputs of `EventPipeline`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    order_retention_days: int
    """Days to keep an order after its creation."""

    open_orders: NotRequired[int]
    """Maximum open orders of a customer, 0 for any number. Default: 25."""

    menu_only: NotRequired[bool]
    """Whether only what is on the menu can be ordered; otherwise anything else costs nothing. Default: true."""

    currency: NotRequired[str]
    """ISO 4217 code of the menu's prices. Default: EUR."""

    opening_hours: NotRequired[str]
    """When the café is open, e.g. `Mon-Fri 07:00-18:00, Sat 08:00-14:00`. Default: always."""

    time_zone: NotRequired[str]
    """IANA name of the hours' time zone, e.g. `Europe/Paris`. Default: UTC."""

    auto_accept: NotRequired[bool]
    """Whether new orders are accepted at once, and not by staff. Default: true."""

    queue_concurrency: int
    """Maximum concurrent batches per queue, 2 to 1,000."""

    stream_parallelization: int
    """Maximum concurrent batches per shard of the stream, 1 to 10; changes to one customer's orders stay in order."""

    notification_email: NotRequired[str]
    """Email address that gets every notification. Default: none."""

    live: NotRequired[LiveTarget]
    """The event API that changes of orders are published to, e.g. from `LiveUpdates`. Default: none."""

    workflow: NotRequired[bool]
    """Whether new orders go through the order workflow, with payment, to the kitchen. Default: false."""

    protect: NotRequired[bool]
    """Whether to protect the orders and payments tables from deletion. Default: false."""


class EventPipeline(pulumi.ComponentResource):
    """The tables of orders and of the café, the queues, the topic, and the functions between them."""

    table_name: pulumi.Output[str]
    """Name of the orders table."""
    table_arn: pulumi.Output[str]
    """ARN of the orders table."""
    stream_arn: pulumi.Output[str]
    """ARN of the table's stream, which supports two readers: the stream handler is one."""
    cafe_table_name: pulumi.Output[str]
    """Name of the café's table, with the menu."""
    cafe_table_arn: pulumi.Output[str]
    """ARN of the café's table."""
    orders_queue_url: pulumi.Output[str]
    """URL of the queue with one message per new order."""
    intake_queue_url: pulumi.Output[str]
    """URL of the intake queue, which API Gateway sends orders to without a function."""
    intake_queue_name: pulumi.Output[str]
    """Name of the intake queue."""
    intake_queue_arn: pulumi.Output[str]
    """ARN of the intake queue."""
    stream_failures_url: pulumi.Output[str]
    """URL of the queue with the positions of stream records that failed."""
    stream_failures_name: pulumi.Output[str]
    """Name of that queue."""
    topic_arn: pulumi.Output[str]
    """ARN of the topic with one message per order status change."""

    def __init__(self, name: str, args: EventPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:EventPipeline", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        table = orders_table(f"{name}-orders", args.get("protect", False), self)
        self.table_name, self.table_arn, self.stream_arn = table.name, table.arn, table.stream_arn
        cafe = cafe_table(f"{name}-cafe", args.get("protect", False), self)
        self.cafe_table_name, self.cafe_table_arn = cafe.name, cafe.arn
        self._orders_environment = orders_environment(
            table.name,
            args["order_retention_days"],
            args.get("open_orders", DEFAULT_OPEN_ORDERS),
            workflow=args.get("workflow", False),
        )
        self.orders_queue: DurableQueue = self._queue("orders-queue", max_message_bytes=MESSAGE_BYTES)
        # Only the queue checks the size of a body that API Gateway sends to it.
        self.intake_queue: DurableQueue = self._queue("intake-queue", max_message_bytes=MAX_BODY_BYTES)
        self.orders_queue_url, self.intake_queue_url = self.orders_queue.url, self.intake_queue.url
        self.intake_queue_name, self.intake_queue_arn = self.intake_queue.name, self.intake_queue.arn
        self.for_auth: CafeTableInputs = {"cafe_table_name": cafe.name, "cafe_table_arn": cafe.arn}
        """What sign-in needs of the pipeline."""
        self.for_api: PipelineInputs = {
            "orders_table_name": self.table_name,
            "orders_table_arn": self.table_arn,
            **self.for_auth,
            "intake_queue_name": self.intake_queue_name,
            "intake_queue_arn": self.intake_queue_arn,
        }
        """What an API needs of the pipeline."""
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
        self.workflow: OrderWorkflow | None = self._workflow() if args.get("workflow") else None
        """The order workflow, if enabled."""
        acceptor = "start_workflow" if self.workflow else "accept_order"
        self.functions: dict[str, PythonFunction] = make_functions(
            name,
            args["platform"],
            {
                "publish_changes": self._publish_changes(failures),
                acceptor: self._workflow_starter(self.workflow) if self.workflow else self._acceptor(),
                "create_queued_order": self._creator(),
            },
            self._child,
        )
        """All functions, by module."""
        self.publish_changes: PythonFunction = self.functions["publish_changes"]
        self._feed(acceptor, failures)
        self.queues: dict[str, DurableQueue] = {"orders": self.orders_queue, "intake": self.intake_queue}
        """All queues with a dead-letter queue, by content; with the workflow also `kitchen`."""
        self.outputs: dict[str, pulumi.Output[str]] = {
            "ordersTableName": self.table_name,
            "ordersTableArn": self.table_arn,
            "cafeTableName": self.cafe_table_name,
            "ordersQueueUrl": self.orders_queue.url,
            "ordersDlqUrl": self.orders_queue.dead_letters_url,
            "intakeQueueUrl": self.intake_queue.url,
            "intakeDlqUrl": self.intake_queue.dead_letters_url,
            "streamFailuresUrl": self.stream_failures_url,
            "userNotificationTopicArn": self.topic_arn,
            "queuedOrderLambda": self.functions["create_queued_order"].name,
            "dynamoLambda": self.publish_changes.name,
            "sqsLambda": self.functions[acceptor].name,
        }
        """Stack outputs."""
        if self.workflow:
            self.functions |= {**self.workflow.functions, "answer_kitchen": self.workflow.kitchen}
            self.queues["kitchen"] = self.workflow.kitchen_queue
            self.outputs |= self.workflow.outputs
        self.state_machine_arn: pulumi.Output[str] | None = self.workflow.state_machine_arn if self.workflow else None
        """ARN of the order workflow, if enabled."""
        self.register_outputs({"table_name": self.table_name, "topic_arn": self.topic_arn})

    def _queue(self, role: str, *, max_message_bytes: int) -> DurableQueue:
        return DurableQueue(
            f"{self._name}-{role}",
            {"visibility_timeout_seconds": VISIBILITY_TIMEOUT_SECONDS, "max_message_bytes": max_message_bytes},
            self._child,
        )

    def _publish_changes(self, failures: aws.sqs.Queue) -> FunctionArgs:
        # Notifications sent, which Powertools idempotency stores for two days, so recovery is not needed.
        notifications = make_table(f"{self._name}-notifications", ("id",), self, ttl="expiration", recovery=False)
        live = self._args.get("live")
        return {
            "description": "Sends new orders to the kitchen and status changes to the topic",
            "environment": {
                **(publisher_environment(live) if live else {}),
                "ORDERS_QUEUE_URL": self.orders_queue.url,
                "USER_NOTIFICATION_TOPIC_ARN": self.topic_arn,
                "NOTIFICATIONS_TABLE": notifications.name,
                "CAFE_TABLE": self.cafe_table_name,
            },
            "grants": [
                {"actions": ["dynamodb:PutItem", "dynamodb:UpdateItem"], "resources": [self.cafe_table_arn]},
                {
                    "actions": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    "resources": [notifications.arn],
                },
                *table_stream.read(self.stream_arn),
                {"actions": ["sqs:SendMessage"], "resources": [self.orders_queue.arn, failures.arn]},
                {"actions": ["sns:Publish"], "resources": [self.topic_arn]},
                *([publish_grant(live)] if live else []),
            ],
        }

    def _acceptor(self) -> FunctionArgs:
        return {
            "description": "Accepts new orders for the kitchen",
            "environment": {
                **self._orders_environment,
                "AUTO_ACCEPT": str(self._args.get("auto_accept", True)).lower(),
            },
            "grants": [
                consumer_grant(self.orders_queue),
                {"actions": ["dynamodb:UpdateItem"], "resources": [self.table_arn]},
            ],
        }

    def _workflow_starter(self, workflow: OrderWorkflow) -> FunctionArgs:
        return {
            "description": "Starts the workflow for new orders",
            "environment": {"STATE_MACHINE_ARN": workflow.state_machine_arn},
            "grants": [
                consumer_grant(self.orders_queue),
                {"actions": ["states:StartExecution"], "resources": [workflow.state_machine_arn]},
            ],
        }

    def _creator(self) -> FunctionArgs:
        return {
            "description": "Creates the orders in the intake queue",
            "environment": {**self._orders_environment, **menu_environment(self.cafe_table_name, self._args)},
            "grants": [
                consumer_grant(self.intake_queue),
                {"actions": CREATE_ORDER, "resources": [self.table_arn]},
                {"actions": [*USE_NUMBERS, COUNT_REFUSED], "resources": [self.cafe_table_arn]},
            ],
        }

    def _feed(self, acceptor: str, failures: aws.sqs.Queue) -> None:
        """Connect the functions to their event sources."""
        concurrency = self._args["queue_concurrency"]
        self.orders_queue.feed(self.functions[acceptor], batch_size=ORDERS_BATCH_SIZE, concurrency=concurrency)
        self.intake_queue.feed(
            self.functions["create_queued_order"], batch_size=INTAKE_BATCH_SIZE, concurrency=concurrency
        )
        table_stream.feed(
            f"{self._name}-publish-changes-source",
            self.publish_changes,
            stream_arn=self.stream_arn,
            patterns=[CHANGES, REMOVALS],
            failures_arn=failures.arn,
            parallelization=self._args["stream_parallelization"],
            opts=self._child,
        )

    def _workflow(self) -> OrderWorkflow:
        return OrderWorkflow(
            f"{self._name}-workflow",
            {
                "platform": self._args["platform"],
                "orders_table_arn": self.table_arn,
                "orders_environment": self._orders_environment,
                "queue_concurrency": self._args["queue_concurrency"],
                "protect": self._args.get("protect", False),
            },
            self._child,
        )
