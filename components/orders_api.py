"""The orders API: a function for every row of the contract, on one REST API, and its stage."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES
from lambdas.runtime.http import CORS_HEADERS

from .blocks.addresses import Addresses
from .blocks.iam import allow, document, trust
from .blocks.python_function import (
    FunctionAddress,
    FunctionArgs,
    FunctionPlatform,
    PythonFunction,
    lambda_outputs,
    make_functions,
)
from .event_pipeline.orders_table import orders_environment
from .rest_api.rest_api import ApiRoute, QueueTarget, RestApi

AUTHORIZER_TTL_SECONDS = 300
"""How long API Gateway caches a token's policy."""


class OrdersApiArgs(TypedDict):
    """Inputs of `OrdersApi`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    authorizer: FunctionAddress
    """The function that checks tokens, e.g. `AuthLayer`'s."""

    other_functions: NotRequired[Mapping[str, FunctionAddress]]
    """Functions that are not this component's and answer rows of the contract, by their module in `lambdas/`: e.g.
    `authenticate`. Default: none. Rows that nobody answers are not on the API."""

    orders_table_name: pulumi.Input[str]
    """The orders table."""

    orders_table_arn: pulumi.Input[str]
    """Its ARN."""

    order_retention_days: int
    """How long an order is kept after its creation."""

    intake_queue_name: pulumi.Input[str]
    """The queue into which `POST /orders/queued` puts orders."""

    intake_queue_arn: pulumi.Input[str]
    """Its ARN."""

    stage_name: str
    """The stage's name, and the first segment of every path."""

    throttling_rate_limit: int
    """Requests a second, over all callers."""

    throttling_burst_limit: int
    """Requests at once, over all callers."""

    manage_account_log_role: bool
    """Whether this stack makes the role that API Gateway logs with. There is one for an account and region."""

    emulator_url: NotRequired[str]
    """The address of an emulator that stands in for AWS, as `http://HOST:PORT`. Default: none, it is AWS."""


class OrdersApi(pulumi.ComponentResource):
    """Routes, functions, deployment, stage."""

    api_id: pulumi.Output[str]
    """The REST API's id, the first part of its host name."""
    api_url: pulumi.Output[str]
    """The address of the stage; it ends in `/`."""
    stage_arn: pulumi.Output[str]
    """The stage's ARN, e.g. for a web ACL."""
    stage_name: pulumi.Output[str]
    """The stage's name, known once it is there: what needs it waits for that."""

    def __init__(
        self,
        name: str,
        args: OrdersApiArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        api: RestApi | None = None,
    ) -> None:
        """Make the API, or serve an existing `api`, whose id others had to know first."""
        super().__init__("cafe:index:OrdersApi", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        api = api or RestApi(f"{name}-api", self._child)
        self.functions: dict[str, PythonFunction] = make_functions(name, args["platform"], self._rows(), self._child)
        """The functions of the orders' routes, by module."""
        stage = api.serve(
            {
                "routes": self._routes(),
                "authorizer": args["authorizer"],
                "authorizer_ttl_seconds": AUTHORIZER_TTL_SECONDS,
                "cors_headers": CORS_HEADERS,
                "stage": {
                    "name": args["stage_name"],
                    "platform": args["platform"],
                    "throttling_rate_limit": args["throttling_rate_limit"],
                    "throttling_burst_limit": args["throttling_burst_limit"],
                    "manage_account_log_role": args["manage_account_log_role"],
                },
            }
        )
        self.stage_arn, self.stage_name = stage.arn, stage.stage_name
        self.api_id = api.id
        addresses = Addresses(aws.get_region_output().region, args.get("emulator_url", ""))
        self.api_url = addresses.api_url(self.api_id, args["stage_name"])
        self.outputs: dict[str, pulumi.Output[str]] = lambda_outputs(self.functions)
        """What a stack exports of it; the API's address may be a custom domain, which this component does not know."""
        self.register_outputs({"api_id": self.api_id, "api_url": self.api_url})

    def _rows(self) -> dict[str, FunctionArgs]:
        """Each function of the orders' routes, and what it does to the table."""
        args = self._args
        table = args["orders_table_arn"]
        # A query reads an index, which has an ARN of its own below the table's.
        indexes = pulumi.Output.concat(table, "/index/*")

        def row(description: str, action: str, resource: pulumi.Input[str]) -> FunctionArgs:
            return {
                "description": description,
                "environment": orders_environment(args["orders_table_name"], args["order_retention_days"]),
                "grants": [{"actions": [action], "resources": [resource]}],
                "synchronous": True,
            }

        return {
            "get_orders": row("Lists orders", "dynamodb:Query", indexes),
            "get_order": row("Returns one order", "dynamodb:GetItem", table),
            "create_order": row("Places an order", "dynamodb:PutItem", table),
            "update_order": row("Changes an order's status", "dynamodb:UpdateItem", table),
            "replace_order": row("Changes an order's items", "dynamodb:UpdateItem", table),
            "delete_order": row("Deletes an order", "dynamodb:DeleteItem", table),
        }

    def _routes(self) -> list[ApiRoute]:
        """Every row of the route table that has a function, and the one that goes into the queue."""
        addresses = {module: function.address for module, function in self.functions.items()}
        addresses |= self._args.get("other_functions", {})
        intake = self._intake()
        return [
            ApiRoute(
                route.method,
                route.path,
                addresses[route.function] if route.function else intake,
                private=route.access != "anyone",
                body=BODIES.get((route.method, route.path)),
            )
            for route in ROUTES
            if route.function is None or route.function in addresses
        ]

    def _intake(self) -> QueueTarget:
        """The intake queue, and the role that API Gateway sends to it with."""
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-intake-role",
            description="Sends orders to the intake queue",
            assume_role_policy=trust("apigateway.amazonaws.com"),
            permissions_boundary=args["platform"].get("boundary_arn"),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-intake-policy",
            role=role.id,
            policy=document(allow({"actions": ["sqs:SendMessage"], "resources": [args["intake_queue_arn"]]})),
            opts=self._child,
        )
        return {
            "region": aws.get_region_output().region,
            "account_id": aws.get_caller_identity_output().account_id,
            "queue_name": args["intake_queue_name"],
            # Through the policy: the route does not exist before it may send.
            "role_arn": pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0])),
        }
