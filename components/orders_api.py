"""The orders API: a REST API with a stage, and a function for each route."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES
from lambdas.runtime.http import CORS_HEADERS

from .blocks.account import Account
from .blocks.addresses import Addresses
from .blocks.iam import allow, document, trust
from .blocks.names import camel_case
from .blocks.python_function import FunctionAddress, FunctionPlatform, PythonFunction
from .event_pipeline.orders_table import (
    CREATE_ORDER,
    DEFAULT_OPEN_ORDERS,
    USE_NUMBERS,
    hours_environment,
    menu_environment,
    orders_environment,
)
from .functions import FunctionArgs, make_functions
from .live_updates import LiveTarget, publish_grant, publisher_environment
from .rest_api.rest_api import ApiRoute, QueueTarget, RestApi

AUTHORIZER_TTL_SECONDS = 300
"""How long API Gateway caches a token's policy."""


class OrdersApiArgs(TypedDict):
    """Inputs of `OrdersApi`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    authorizer: FunctionAddress
    """The function that checks tokens, e.g. from `AuthLayer`."""

    other_functions: NotRequired[Mapping[str, FunctionAddress]]
    """Functions of other components that serve routes, by module in `lambdas/`, e.g. `authenticate`. Default: none.
    Routes without a function are left out of the API."""

    orders_table_name: pulumi.Input[str]
    """Name of the orders table."""

    orders_table_arn: pulumi.Input[str]
    """ARN of the orders table."""

    cafe_table_name: pulumi.Input[str]
    """Name of the café's table, with the menu."""

    cafe_table_arn: pulumi.Input[str]
    """ARN of the café's table."""

    menu_only: NotRequired[bool]
    """Whether only what is on the menu can be ordered; otherwise anything else costs nothing. Default: true."""

    currency: NotRequired[str]
    """ISO 4217 code of the menu's prices. Default: EUR."""

    opening_hours: NotRequired[str]
    """When the café is open, e.g. `Mon-Fri 07:00-18:00, Sat 08:00-14:00`. Default: always."""

    time_zone: NotRequired[str]
    """IANA name of the hours' time zone, e.g. `Europe/Paris`. Default: UTC."""

    tax_percent: NotRequired[str]
    """Tax included in the menu's prices, in percent, with up to two decimals. Default: 0."""

    live: NotRequired[LiveTarget]
    """The event API that changes of the menu and the hours are published to, e.g. from `LiveUpdates`. Default: none."""

    order_retention_days: int
    """Days to keep an order after its creation."""

    open_orders: NotRequired[int]
    """Maximum open orders of a customer, 0 for any number. Default: 25."""

    workflow: NotRequired[bool]
    """Whether the order workflow accepts orders, and nobody else. Default: false."""

    intake_queue_name: pulumi.Input[str]
    """Name of the queue that `POST /orders/queued` sends orders to."""

    intake_queue_arn: pulumi.Input[str]
    """ARN of that queue."""

    stage_name: str
    """Name of the stage, the first segment of every path."""

    throttling_rate_limit: int
    """Maximum requests per second, across all callers."""

    throttling_burst_limit: int
    """Maximum concurrent requests (burst), across all callers."""

    manage_account_log_role: bool
    """Whether this stack creates the role that API Gateway writes logs with. An account has one per region."""

    emulator_url: NotRequired[str]
    """URL of an emulator that replaces AWS, as `http://HOST:PORT`. Default: none (AWS)."""


class OrdersApi(pulumi.ComponentResource):
    """REST API with routes, functions, deployment and stage."""

    api_id: pulumi.Output[str]
    """ID of the REST API, the first part of its host name."""
    api_url: pulumi.Output[str]
    """URL of the stage, with a trailing `/`."""
    stage_arn: pulumi.Output[str]
    """ARN of the stage, e.g. for a web ACL."""
    stage_name: pulumi.Output[str]
    """Name of the stage, known once the stage exists, so that dependents wait for it."""

    def __init__(
        self,
        name: str,
        args: OrdersApiArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        api: RestApi | None = None,
    ) -> None:
        """Create the API, or serve an existing `api` whose ID other resources need first."""
        super().__init__("cafe:index:OrdersApi", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        api = api or RestApi(f"{name}-api", self._child)
        self.functions: dict[str, PythonFunction] = make_functions(
            name, args["platform"], self._function_args(), self._child
        )
        """Functions of the order routes, by module."""
        stage = api.serve(
            {
                "routes": self._routes(),
                "authorizer": args["authorizer"],
                "default": self.functions["default_route"].address,
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
        addresses = Addresses(Account(self), args.get("emulator_url", ""))
        self.api_url = addresses.api_url(self.api_id, args["stage_name"])
        self.outputs: dict[str, pulumi.Output[str]] = {
            f"{camel_case(module)}Lambda": function.name for module, function in self.functions.items()
        }
        """Stack outputs, without the API's URL: it may be a custom domain, which this component does not know."""
        self.register_outputs({"api_id": self.api_id, "api_url": self.api_url})

    def _function_args(self) -> dict[str, FunctionArgs]:
        """The functions of the order routes, each with its permission on the table."""
        args = self._args
        table = args["orders_table_arn"]
        # A query reads an index, which has its own ARN below the table's.
        indexes = pulumi.Output.concat(table, "/index/*")

        environment = orders_environment(
            args["orders_table_name"],
            args["order_retention_days"],
            args.get("open_orders", DEFAULT_OPEN_ORDERS),
            workflow=args.get("workflow", False),
        )

        menu, cafe = menu_environment(args["cafe_table_name"], args), args["cafe_table_arn"]

        def also(function: FunctionArgs, *actions: str) -> FunctionArgs:
            """The function with permissions on the café's table."""
            function["environment"] = {**environment, **menu}
            function["grants"] = [*function["grants"], {"actions": actions, "resources": [cafe]}]
            return function

        def function_args(description: str, resource: pulumi.Input[str], *actions: str) -> FunctionArgs:
            return {
                "description": description,
                "environment": environment,
                "grants": [{"actions": actions, "resources": [resource]}],
                "synchronous": True,
            }

        return {
            "get_orders": function_args("Lists orders", indexes, "dynamodb:Query"),
            "get_order": also(function_args("Returns one order", table, "dynamodb:GetItem"), "dynamodb:Query"),
            "create_order": also(function_args("Places an order", table, *CREATE_ORDER), *USE_NUMBERS),
            "update_order": function_args(
                "Changes an order's status", table, "dynamodb:GetItem", "dynamodb:UpdateItem"
            ),
            "replace_order": also(
                function_args("Changes an order's items", table, "dynamodb:UpdateItem"), "dynamodb:Query"
            ),
            "delete_order": function_args("Deletes an order", table, "dynamodb:DeleteItem"),
            "manage_displays": self._displays(environment, indexes),
            "manage_menu": self._menu(menu),
            "manage_cafe": self._cafe(),
            "default_route": {"description": "Rejects requests that no route matches", "synchronous": True},
        }

    def _displays(self, environment: dict[str, pulumi.Input[str]], indexes: pulumi.Input[str]) -> FunctionArgs:
        """The function that registers displays and shows them the orders."""
        args = self._args
        actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"]
        return {
            "description": "Registers displays and shows them the orders",
            "environment": {**environment, "CAFE_TABLE": args["cafe_table_name"]},
            "grants": [
                {"actions": actions, "resources": [args["cafe_table_arn"]]},
                {"actions": ["dynamodb:Query"], "resources": [indexes]},
            ],
            "synchronous": True,
        }

    def _menu(self, environment: dict[str, pulumi.Input[str]]) -> FunctionArgs:
        """The function that shows and changes the menu."""
        actions = ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"]
        tax = {"TAX_PERCENT": self._args.get("tax_percent", "0")}
        return self._publishing("Shows and changes the menu", {**environment, **tax}, *actions)

    def _cafe(self) -> FunctionArgs:
        """The function that shows and changes whether the café is open."""
        description = "Shows and changes whether the cafe is open"
        environment = {**hours_environment(self._args), "CAFE_TABLE": self._args["cafe_table_name"]}
        return self._publishing(description, environment, "dynamodb:Query", "dynamodb:PutItem")

    def _publishing(
        self, description: str, environment: Mapping[str, pulumi.Input[str]], *actions: str
    ) -> FunctionArgs:
        """A function with permissions on the café's table, which publishes what it changes."""
        live = self._args.get("live")
        return {
            "description": description,
            "environment": {**environment, **(publisher_environment(live) if live else {})},
            "grants": [
                {"actions": actions, "resources": [self._args["cafe_table_arn"]]},
                *([publish_grant(live)] if live else []),
            ],
            "synchronous": True,
        }

    def _routes(self) -> list[ApiRoute]:
        """Every route that has a function, and the route to the intake queue."""
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
        """The intake queue, and the role that API Gateway sends messages with."""
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-intake-role",
            description="Sends orders to the intake queue",
            assume_role_policy=trust("apigateway.amazonaws.com", self),
            permissions_boundary=args["platform"].get("boundary_arn"),
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-intake-policy",
            role=role.id,
            policy=document(allow({"actions": ["sqs:SendMessage"], "resources": [args["intake_queue_arn"]]})),
            opts=self._child,
        )
        account = Account(self)
        return {
            "partition": account.partition,
            "region": account.region,
            "account_id": account.id,
            "queue_name": args["intake_queue_name"],
            # Depends on the policy, so the route exists only once it may send.
            "role_arn": pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0])),
        }
