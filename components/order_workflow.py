"""The order workflow: a Step Functions state machine, its steps' functions, and a kitchen that is asked by queue."""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.durable_queue import DurableQueue, consume
from components.iam import LOG_DELIVERY, TRACING, Grant, allow, document, trust
from components.python_function import FunctionPlatform, PythonFunction, log_group
from components.workflow_definition import STEPS, definition

FUNCTION_TIMEOUT_SECONDS = 10
MESSAGE_BYTES = 8192
"""An order's names and a task token, which has up to 2,048 characters."""

KITCHEN_BATCH_SIZE = 10


class OrderWorkflowArgs(TypedDict):
    """Inputs of `OrderWorkflow`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    boundary_arn: pulumi.Input[str]
    """The permissions boundary of every role."""

    orders_table_arn: pulumi.Input[str]
    """The orders table."""

    orders_environment: Mapping[str, pulumi.Input[str]]
    """What a function that works with orders has to know."""

    queue_concurrency: int
    """How many batches of the kitchen's queue are handled at once, 2 to 1,000."""

    protect: bool
    """Whether the table of the payments is kept from being deleted."""


class OrderWorkflow(pulumi.ComponentResource):
    """Check the order, take the payment, ask the kitchen, confirm; refund and cancel when something is in the way."""

    state_machine_arn: pulumi.Output[str]
    kitchen_queue: DurableQueue
    """Orders that wait for the kitchen's answer."""
    kitchen: PythonFunction
    """What stands for the kitchen."""
    functions: dict[str, PythonFunction]
    """The steps' functions, by module."""

    def __init__(self, name: str, args: OrderWorkflowArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:OrderWorkflow", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        payments = aws.dynamodb.Table(
            f"{name}-payments",
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args["protect"],
            opts=pulumi.ResourceOptions(parent=self, protect=args["protect"]),
        )
        self.kitchen_queue = DurableQueue(
            f"{name}-kitchen",
            {"visibility_timeout_seconds": 6 * FUNCTION_TIMEOUT_SECONDS, "max_message_bytes": MESSAGE_BYTES},
            self._child,
        )
        self.functions = {module: self._step(module, payments) for module in STEPS}
        self.state_machine_arn = self._state_machine().arn
        self.kitchen = self._kitchen()
        self.register_outputs({"state_machine_arn": self.state_machine_arn})

    def _step(self, module: str, payments: aws.dynamodb.Table) -> PythonFunction:
        orders_table = self._args["orders_table_arn"]
        description, actions, table = {
            "check_order": ("Looks at a new order", ["dynamodb:GetItem"], orders_table),
            "take_payment": ("Takes an order's payment", ["dynamodb:PutItem"], payments.arn),
            "confirm_order": ("Accepts an order", ["dynamodb:GetItem", "dynamodb:UpdateItem"], orders_table),
            "refund_payment": ("Gives a payment back", ["dynamodb:PutItem", "dynamodb:UpdateItem"], payments.arn),
            "cancel_order": ("Gives an order up", ["dynamodb:GetItem", "dynamodb:UpdateItem"], orders_table),
        }[module]
        environment: dict[str, pulumi.Input[str]] = {
            **self._args["orders_environment"],
            "PAYMENTS_TABLE": payments.name,
            # `declined` and `unavailable` show what the workflow makes of that.
            "PAYMENT_ANSWER": "approved",
        }
        return self._function(module, description, environment, [{"actions": actions, "resources": [table]}])

    def _kitchen(self) -> PythonFunction:
        function = self._function(
            "answer_kitchen",
            "Stands for the kitchen",
            # `declined` and `none` show what the workflow makes of that.
            {"STATE_MACHINE_ARN": self.state_machine_arn, "KITCHEN_ANSWER": "accepted"},
            [
                # The answer goes to a token, which nobody can guess: AWS knows no resource for this action.
                {"actions": ["states:SendTaskSuccess"], "resources": ["*"]},
                consume(self.kitchen_queue),
            ],
        )
        self.kitchen_queue.feed(function, batch_size=KITCHEN_BATCH_SIZE, concurrency=self._args["queue_concurrency"])
        return function

    def _function(
        self, module: str, description: str, environment: Mapping[str, pulumi.Input[str]], grants: list[Grant]
    ) -> PythonFunction:
        return PythonFunction(
            f"{self._name}-{module.replace('_', '-')}",
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

    def _state_machine(self) -> "aws.sfn.StateMachine":
        arns = {module: function.arn for module, function in self.functions.items()}
        role = aws.iam.Role(
            f"{self._name}-role",
            description="Runs the order workflow",
            assume_role_policy=trust("states.amazonaws.com"),
            permissions_boundary=self._args["boundary_arn"],
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-policy",
            role=role.id,
            policy=document(
                allow({"actions": ["lambda:InvokeFunction"], "resources": list(arns.values())}),
                allow({"actions": ["sqs:SendMessage"], "resources": [self.kitchen_queue.arn]}),
                # Neither log deliveries nor traces are resources that a policy could name (Step Functions developer
                # guide, logging and tracing; service authorization reference).
                allow({"actions": [*LOG_DELIVERY, *TRACING], "resources": ["*"]}),
            ),
            opts=self._child,
        )
        group = log_group(f"{self._name}-log", self._args["platform"], self._child)
        return aws.sfn.StateMachine(
            self._name,
            type="STANDARD",
            role_arn=role.arn,
            definition=pulumi.Output.json_dumps(definition(arns, self.kitchen_queue.url)),
            logging_configuration={
                "level": "ALL",
                # Who ordered what is the orders table's to know.
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(group.arn, ":*"),
            },
            tracing_configuration={"enabled": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
