"""The orders API: a function for every row of the contract, on one REST API, and its stage."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.addresses import Addresses
from components.iam import Grant, allow, document, trust
from components.orders_table import orders_environment
from components.python_function import FunctionAddress, FunctionPlatform, PythonFunction, log_group
from components.rest_api import RestApi
from lambdas.routes import ROUTES, Route

PUSH_TO_LOGS = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
"""AWS's own policy for writing API Gateway's logs; API Gateway refuses a role that may do less (API Gateway developer
guide, "Set up CloudWatch logging for REST APIs")."""

AUTHORIZER_TTL_SECONDS = 300
"""How long API Gateway keeps a token's policy."""

ACTIONS: dict[str, tuple[str, Sequence[str]]] = {
    "get_orders": ("Lists orders", ["dynamodb:Query"]),
    "get_order": ("Answers one order", ["dynamodb:GetItem"]),
    "create_order": ("Places an order", ["dynamodb:PutItem"]),
    "update_order": ("Moves an order along", ["dynamodb:UpdateItem"]),
    "replace_order": ("Changes what is ordered", ["dynamodb:UpdateItem"]),
    "delete_order": ("Removes an order", ["dynamodb:DeleteItem"]),
}
"""Each function of the API, by its module: what it is for, and what it does to the table."""

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "authorizerError": "$context.authorizer.error",
    "integrationError": "$context.integration.error",
}
"""One line a request: the resource and not the path, so that nobody's name is in it."""


class OrdersApiArgs(TypedDict):
    """Inputs of `OrdersApi`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    boundary_arn: pulumi.Input[str]
    """The permissions boundary of every role."""

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
        """On a REST API that is there already, if `api` is given: whoever needs its id before the functions are there
        makes it first."""
        super().__init__("cafe:index:OrdersApi", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self._api = api or RestApi(f"{name}-api", self._child)
        self.functions: dict[str, PythonFunction] = {module: self._function(module) for module in ACTIONS}
        """The functions that answer, by module."""
        self._add_routes()
        stage = self._stage(self._api.deployment())
        self.stage_arn, self.stage_name = stage.arn, stage.stage_name
        self.api_id = self._api.id
        addresses = Addresses(aws.get_region_output().region, args.get("emulator_url", ""))
        self.api_url = addresses.api_url(self.api_id, args["stage_name"])
        self.register_outputs({"api_id": self.api_id, "api_url": self.api_url})

    def _function(self, module: str) -> PythonFunction:
        args = self._args
        description, actions = ACTIONS[module]
        # A query reads an index, which has an ARN of its own below the table's.
        below = "/index/*" if "dynamodb:Query" in actions else ""
        grant: Grant = {"actions": actions, "resources": [pulumi.Output.concat(args["orders_table_arn"], below)]}
        return PythonFunction(
            f"{self._name}-{module.replace('_', '-')}",
            {
                "platform": args["platform"],
                "boundary_arn": args["boundary_arn"],
                "module": f"lambdas.{module}",
                "description": description,
                "environment": orders_environment(args["orders_table_name"], args["order_retention_days"]),
                "grants": [grant],
            },
            self._child,
        )

    def _add_routes(self) -> None:
        """Every row of the table that somebody answers, in its order."""
        authorizer_id = self._api.add_authorizer(self._args["authorizer"], AUTHORIZER_TTL_SECONDS)
        functions = {module: function.address for module, function in self.functions.items()}
        functions |= self._args.get("other_functions", {})
        for route in ROUTES:
            if route.function is None:
                self._add_queue_route(route, authorizer_id)
            elif route.function in functions:
                self._api.add_function_route(
                    route.method,
                    route.path,
                    functions[route.function],
                    body=route.body,
                    authorizer_id=None if route.access == "anyone" else authorizer_id,
                )

    def _add_queue_route(self, route: Route, authorizer_id: pulumi.Input[str]) -> None:
        assert route.body is not None, f"{route.method} {route.path}: a queue route needs a body"
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-intake-role",
            description="Puts orders into the intake queue",
            assume_role_policy=trust("apigateway.amazonaws.com"),
            permissions_boundary=args["boundary_arn"],
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-intake-policy",
            role=role.id,
            policy=document(allow({"actions": ["sqs:SendMessage"], "resources": [args["intake_queue_arn"]]})),
            opts=self._child,
        )
        self._api.add_queue_route(
            route.method,
            route.path,
            {
                "region": aws.get_region_output().region,
                "account_id": aws.get_caller_identity_output().account_id,
                "queue_name": args["intake_queue_name"],
                # Through the policy: the route is not there before it may send.
                "role_arn": pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0])),
            },
            body=route.body,
            authorizer_id=authorizer_id,
        )

    def _stage(self, deployment: aws.apigateway.Deployment) -> aws.apigateway.Stage:
        args = self._args
        group = log_group(f"{self._name}-access-log", args["platform"], self._child)
        depends_on = [self._account_log_role()] if args["manage_account_log_role"] else []
        stage = aws.apigateway.Stage(
            f"{self._name}-stage",
            rest_api=self._api.id,
            deployment=deployment.id,
            stage_name=args["stage_name"],
            xray_tracing_enabled=True,
            access_log_settings={
                "destination_arn": group.arn,
                "format": pulumi.Output.json_dumps(ACCESS_LOG),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )
        aws.apigateway.MethodSettings(
            f"{self._name}-settings",
            rest_api=self._api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                "throttling_rate_limit": args["throttling_rate_limit"],
                "throttling_burst_limit": args["throttling_burst_limit"],
                "metrics_enabled": True,
            },
            opts=self._child,
        )
        return stage

    def _account_log_role(self) -> aws.apigateway.Account:
        """The role that API Gateway writes access logs with.

        An account has one for each region, so all stacks there write with the role of the one that was made last. No
        stack takes that back when it is updated, and none takes the role or the setting along when it is destroyed:
        the others' logs would end, as the provider empties the setting. Who destroys the last one can remove the role,
        and the boundary on it, by hand.
        """
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        role = aws.iam.Role(
            f"{self._name}-log-role",
            description="Writes API Gateway's logs",
            assume_role_policy=trust("apigateway.amazonaws.com"),
            permissions_boundary=self._args["boundary_arn"],
            opts=kept,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-log-policy", role=role.name, policy_arn=PUSH_TO_LOGS, opts=kept
        )
        return aws.apigateway.Account(
            f"{self._name}-account",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[attachment], retain_on_delete=True, ignore_changes=["cloudwatch_role_arn"]
            ),
        )
