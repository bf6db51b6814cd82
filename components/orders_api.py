"""The orders API: a function for every row of the contract, on one REST API, and its stage."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.auth_layer import AuthLayer
from components.event_pipeline import EventPipeline
from components.iam import Grant, allow, document, trust
from components.python_function import FunctionPlatform, PythonFunction
from components.rest_api import RestApi
from lambdas.routes import ROUTES, Route

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
}
"""One line a request: the resource and not the path, so that nobody's name is in it."""


class OrdersApiArgs(TypedDict):
    """Inputs of `OrdersApi`."""

    platform: FunctionPlatform
    """Code, layers and log retention of the functions."""

    api: RestApi
    """The REST API that the routes are added to."""

    auth: AuthLayer
    """Sign-in: the authorizer, `POST /authenticate` and the boundary."""

    pipeline: EventPipeline
    """The table and the intake queue."""

    other_functions: NotRequired[Mapping[str, PythonFunction]]
    """Functions of other components that answer rows of the contract, by module. Default: none."""

    stage_name: str
    """The stage's name, and the first segment of every path."""

    throttling_rate_limit: int
    """Requests a second, over all callers."""

    throttling_burst_limit: int
    """Requests at once, over all callers."""

    manage_account_log_role: bool
    """Whether this stack makes the role that API Gateway logs with. There is one for an account and region."""


class OrdersApi(pulumi.ComponentResource):
    """Routes, functions, deployment, stage."""

    functions: dict[str, PythonFunction]
    """The functions that answer, by module."""

    def __init__(self, name: str, args: OrdersApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:aws:OrdersApi", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)

        self.functions = {module: self._function(module) for module in ACTIONS}
        self._add_routes()
        self._stage(args["api"].deployment())
        self.register_outputs({"functions": {module: function.name for module, function in self.functions.items()}})

    def _function(self, module: str) -> PythonFunction:
        pipeline = self._args["pipeline"]
        description, actions = ACTIONS[module]
        # A query reads an index, which has an ARN of its own below the table's.
        below = "/index/*" if "dynamodb:Query" in actions else ""
        grant: Grant = {"actions": actions, "resources": [pulumi.Output.concat(pipeline.table_arn, below)]}
        return PythonFunction(
            f"{self._name}-{module.replace('_', '-')}",
            {
                "platform": self._args["platform"],
                "boundary_arn": self._args["auth"].boundary_arn,
                "module": module,
                "description": description,
                "environment": pipeline.orders_environment,
                "grants": [grant],
            },
            self._child,
        )

    def _add_routes(self) -> None:
        """Every row of the table, in its order."""
        api, auth = self._args["api"], self._args["auth"]
        authorizer_id = api.add_authorizer(auth.authorize, AUTHORIZER_TTL_SECONDS)
        functions = {**self.functions, **self._args.get("other_functions", {}), "authenticate": auth.authenticate}
        for route in ROUTES:
            if route.function is None:
                self._add_queue_route(route, authorizer_id)
                continue
            api.add_function_route(
                route.method,
                route.path,
                functions[route.function],
                body=route.body,
                authorizer_id=None if route.access == "anyone" else authorizer_id,
            )

    def _add_queue_route(self, route: Route, authorizer_id: pulumi.Input[str]) -> None:
        assert route.body is not None, f"{route.method} {route.path}: a queue route needs a body"
        queue = self._args["pipeline"].intake_queue
        role = aws.iam.Role(
            f"{self._name}-intake-role",
            description="Puts orders into the intake queue",
            assume_role_policy=trust("apigateway.amazonaws.com"),
            permissions_boundary=self._args["auth"].boundary_arn,
            opts=self._child,
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-intake-policy",
            role=role.id,
            policy=document(allow({"actions": ["sqs:SendMessage"], "resources": [queue.arn]})),
            opts=self._child,
        )
        self._args["api"].add_queue_route(
            route.method,
            route.path,
            {
                "region": aws.get_region_output().region,
                "account_id": aws.get_caller_identity_output().account_id,
                "queue_name": queue.name,
                # Through the policy: the route is not there before it may send.
                "role_arn": pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0])),
            },
            body=route.body,
            authorizer_id=authorizer_id,
        )

    def _stage(self, deployment: aws.apigateway.Deployment) -> None:
        args = self._args
        log_group = aws.cloudwatch.LogGroup(
            f"{self._name}-access-log", retention_in_days=args["platform"]["log_retention_days"], opts=self._child
        )
        depends_on = [self._account_log_role()] if args["manage_account_log_role"] else []
        stage = aws.apigateway.Stage(
            f"{self._name}-stage",
            rest_api=args["api"].id,
            deployment=deployment.id,
            stage_name=args["stage_name"],
            xray_tracing_enabled=True,
            access_log_settings={
                "destination_arn": log_group.arn,
                "format": pulumi.Output.json_dumps(ACCESS_LOG),
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )
        aws.apigateway.MethodSettings(
            f"{self._name}-settings",
            rest_api=args["api"].id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={
                "throttling_rate_limit": args["throttling_rate_limit"],
                "throttling_burst_limit": args["throttling_burst_limit"],
                "metrics_enabled": True,
            },
            opts=self._child,
        )

    def _account_log_role(self) -> aws.apigateway.Account:
        """The role that API Gateway writes access logs with, for the whole account."""
        role = aws.iam.Role(
            f"{self._name}-log-role",
            description="Writes API Gateway's logs",
            assume_role_policy=trust("apigateway.amazonaws.com"),
            permissions_boundary=self._args["auth"].boundary_arn,
            opts=self._child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-log-policy",
            role=role.name,
            # AWS's own policy for this; API Gateway refuses a role that may do less.
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
            opts=self._child,
        )
        return aws.apigateway.Account(
            f"{self._name}-account",
            cloudwatch_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment]),
        )
