"""The order workflow: a Step Functions state machine, the functions of its steps, and a kitchen behind a queue."""

from collections.abc import Mapping
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.account import Account
from ..blocks.durable_queue import VISIBILITY_FACTOR, DurableQueue, consumer_grant
from ..blocks.iam import LOG_DELIVERY, TRACING, Grant, allow, document, trust
from ..blocks.python_function import TIMEOUT_SECONDS, FunctionPlatform, PythonFunction, log_group
from ..blocks.table import make_table
from ..functions import FunctionArgs, make_functions
from .workflow_definition import INTEGRATIONS, definition

MESSAGE_BYTES = 8192
"""Enough for an order's customer and ID, and a task token of up to 2,048 characters."""

KITCHEN_BATCH_SIZE = 10

VENDED_LOGS = "/aws/vendedlogs/states/"
"""Log groups of state machines elsewhere each take a share of the account's log resource policy, which has 5,120
characters (Step Functions developer guide, "Logging using CloudWatch Logs")."""


class OrderWorkflowArgs(TypedDict):
    """Inputs of `OrderWorkflow`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    orders_table_arn: pulumi.Input[str]
    """ARN of the orders table."""

    orders_environment: Mapping[str, pulumi.Input[str]]
    """Environment variables of functions that work with orders."""

    queue_concurrency: int
    """Maximum concurrent batches of the kitchen queue, 2 to 1,000."""

    protect: bool
    """Whether to protect the payments table from deletion."""


class OrderWorkflow(pulumi.ComponentResource):
    """Checks the order, takes the payment, asks the kitchen and confirms; refunds and cancels if any of these fails."""

    state_machine_arn: pulumi.Output[str]
    kitchen_queue: DurableQueue
    """The queue of orders that wait for the kitchen's answer."""
    kitchen: PythonFunction
    """The function that simulates the kitchen."""
    functions: dict[str, PythonFunction]
    """The steps' functions, by module."""

    def __init__(self, name: str, args: OrderWorkflowArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:OrderWorkflow", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        payments = make_table(f"{name}-payments", ("id",), self, protect=args["protect"])
        self.kitchen_queue = DurableQueue(
            f"{name}-kitchen",
            {"visibility_timeout_seconds": VISIBILITY_FACTOR * TIMEOUT_SECONDS, "max_message_bytes": MESSAGE_BYTES},
            self._child,
        )
        self.functions = make_functions(name, args["platform"], self._steps(payments), self._child)
        self.state_machine_arn = self._state_machine().arn
        self.kitchen = self._kitchen()
        self.outputs: dict[str, pulumi.Output[str]] = {
            "kitchenQueueUrl": self.kitchen_queue.url,
            "kitchenDlqUrl": self.kitchen_queue.dead_letters_url,
            "kitchenLambda": self.kitchen.name,
            "stateMachineArn": self.state_machine_arn,
        }
        """Stack outputs."""
        self.register_outputs({"state_machine_arn": self.state_machine_arn})

    def _steps(self, payments: aws.dynamodb.Table) -> dict[str, FunctionArgs]:
        """The functions for `workflow_definition.STEPS`."""
        environment: dict[str, pulumi.Input[str]] = {
            **self._args["orders_environment"],
            "PAYMENTS_TABLE": payments.name,
            # Set `declined` or `unavailable` to test the compensations.
            "PAYMENT_ANSWER": "approved",
        }

        def step(description: str, actions: list[str], table: pulumi.Input[str]) -> FunctionArgs:
            grants: list[Grant] = [{"actions": actions, "resources": [table]}]
            return {"description": description, "environment": environment, "grants": grants}

        orders, update = self._args["orders_table_arn"], ["dynamodb:GetItem", "dynamodb:UpdateItem"]
        return {
            "check_order": step("Checks a new order", ["dynamodb:GetItem"], orders),
            "take_payment": step("Takes an order's payment", ["dynamodb:PutItem"], payments.arn),
            "confirm_order": step("Accepts an order", update, orders),
            "refund_payment": step("Refunds a payment", ["dynamodb:PutItem", "dynamodb:UpdateItem"], payments.arn),
            "cancel_order": step("Cancels an order", update, orders),
        }

    def _kitchen(self) -> PythonFunction:
        row: FunctionArgs = {
            "description": "Simulates the kitchen",
            # Set `declined` or `none` to test the compensations.
            "environment": {"STATE_MACHINE_ARN": self.state_machine_arn, "KITCHEN_ANSWER": "accepted"},
            "grants": [
                # AWS defines no resource for this action. The answer requires a task token, which nobody can guess.
                {"actions": ["states:SendTaskSuccess"], "resources": ["*"]},
                consumer_grant(self.kitchen_queue),
            ],
        }
        functions = make_functions(self._name, self._args["platform"], {"answer_kitchen": row}, self._child)
        kitchen = functions["answer_kitchen"]
        self.kitchen_queue.feed(kitchen, batch_size=KITCHEN_BATCH_SIZE, concurrency=self._args["queue_concurrency"])
        return kitchen

    def _state_machine(self) -> "aws.sfn.StateMachine":
        arns = {module: function.arn for module, function in self.functions.items()}
        role = aws.iam.Role(
            f"{self._name}-role",
            description="Runs the order workflow",
            assume_role_policy=trust("states.amazonaws.com", self),
            permissions_boundary=self._args["platform"].get("boundary_arn"),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-policy",
            role=role.id,
            policy=document(
                allow({"actions": ["lambda:InvokeFunction"], "resources": list(arns.values())}),
                allow({"actions": ["sqs:SendMessage"], "resources": [self.kitchen_queue.arn]}),
                # Log deliveries and traces have no ARNs that a policy could name (Step Functions developer guide,
                # logging and tracing; service authorization reference).
                allow({"actions": [*LOG_DELIVERY, *TRACING], "resources": ["*"]}),
            ),
            opts=self._child,
        )
        group = log_group(f"{self._name}-log", self._args["platform"], self._child, folder=VENDED_LOGS)
        partition = Account(self).partition
        integrations = [pulumi.Output.format("arn:{0}:states:::{1}", partition, name) for name in INTEGRATIONS]
        return aws.sfn.StateMachine(
            self._name,
            type="STANDARD",
            role_arn=role.arn,
            definition=pulumi.Output.json_dumps(definition(arns, self.kitchen_queue.url, integrations)),
            logging_configuration={
                "level": "ALL",
                # Only the orders table keeps who ordered what.
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(group.arn, ":*"),
            },
            tracing_configuration={"enabled": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
