"""A REST API in API Gateway, imported from one OpenAPI document."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NotRequired, TypedDict, final

import pulumi
import pulumi_aws as aws
from msgspec import Struct

from ..blocks.python_function import FunctionAddress
from .gateway_document import API_KEY_SOURCE, Authorizer, Operation, document, function_integration, queue_integration
from .gateway_responses import ANY_ORIGIN
from .stage import StageArgs, make_stage

DESCRIPTION = "Managed by Pulumi"
"""Description of the API; the program sets no other."""


@final
class QueueTarget(TypedDict):
    """A queue that a route sends its bodies to, without a function."""

    partition: pulumi.Input[str]
    region: pulumi.Input[str]
    account_id: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    """ARN of the role that API Gateway sends with."""


class ApiRoute(NamedTuple):
    """A method on a path, and its target: a function or a queue."""

    method: str
    path: str
    target: FunctionAddress | QueueTarget
    private: bool = True
    """Whether the route requires a token, which the API's authorizer checks."""
    body: type[Struct] | None = None
    """Type of the body, which API Gateway validates. Required for queue routes."""


class RestApiRoutesArgs(TypedDict):
    """Inputs of `RestApi.serve`."""

    routes: Sequence[ApiRoute]
    authorizer: NotRequired[FunctionAddress]
    """The function that checks tokens. Default: none; no route is private."""

    default: NotRequired[FunctionAddress]
    """The function for requests that no route matches. Default: none; API Gateway responds with a 404, or with a 401 if
    the request has an `Authorization` header."""

    authorizer_ttl_seconds: NotRequired[int]
    """How long API Gateway caches a token's policy in seconds, 0 to 3,600. Default: 300."""

    cors_headers: NotRequired[Mapping[str, str]]
    """CORS headers of the responses that API Gateway itself generates. Default: any origin is allowed."""

    stage: StageArgs


class RestApi(pulumi.ComponentResource):
    """An API that exists before its targets: `serve` adds routes, a deployment and a stage.

    Resources created before the functions, such as a distribution, can refer to the API; the document follows later.
    """

    id: pulumi.Output[str]
    """ID of the API, the first part of its host name."""
    name: pulumi.Output[str]
    """Name of the API, as in its metrics."""
    execution_arn: pulumi.Output[str]
    origin_key: pulumi.Output[str]
    """A secret by which functions recognize requests from a CDN: AWS generates it, and shows it only within the
    account. It is the value of an API key that belongs to no usage plan, and so opens nothing."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:RestApi", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        # An import in `overwrite` mode sets name, description and API key source: the document has the same values.
        self._api = aws.apigateway.RestApi(
            name,
            description=DESCRIPTION,
            api_key_source=API_KEY_SOURCE,
            endpoint_configuration={"types": "REGIONAL"},
            opts=self._child,
        )
        self.id, self.name, self.execution_arn = self._api.id, self._api.name, self._api.execution_arn
        key = aws.apigateway.ApiKey(
            f"{name}-origin-key", description="Sent by the CDN with its requests to the API", opts=self._child
        )
        self.origin_key = key.value  # the provider marks it as a secret
        self.register_outputs({"id": self.id})

    def serve(self, args: RestApiRoutesArgs) -> aws.apigateway.Stage:
        """Import the routes, deploy them, and point the stage to the deployment. Call it once.

        Raises `ValueError` if a route requires a token and there is no authorizer.
        """
        authorizer = args.get("authorizer")
        if unguarded := [f"{it.method} {it.path}" for it in args["routes"] if it.private and not authorizer]:
            raise ValueError(f"{', '.join(unguarded)}: a private route needs an authorizer; pass one, or private=False")
        permissions = [
            self._allow_invoke(_label(route), route.target, f"/*/{route.method}{_wildcards(route.path)}")
            for route in args["routes"]
            if "invoke_arn" in route.target
        ]
        if authorizer:
            # Each import recreates authorizers with new IDs.
            permissions.append(self._allow_invoke("authorizer", authorizer, "/authorizers/*"))
        if "default" in args:
            permissions.append(self._allow_invoke("default", args["default"], "/*/*/*"))
        deployment = self._deployment(self._document(args), permissions)
        return make_stage(self._name, self.id, deployment, args["stage"], self)

    def _document(self, args: RestApiRoutesArgs) -> pulumi.Output[str]:
        """The document as text; unknown until the functions have ARNs."""
        cors_headers = args.get("cors_headers", ANY_ORIGIN)
        values: dict[str, Any] = {
            "name": self._api.name,
            "authorizer": args.get("authorizer"),
            "default": args.get("default"),
            "targets": [route.target for route in args["routes"]],
        }

        def text(known: dict[str, Any]) -> str:
            operations = [
                Operation(route.method, route.path, _integration(target, cors_headers), route.private, route.body)
                for route, target in zip(args["routes"], known["targets"], strict=True)
            ]
            authorizer = known["authorizer"] and Authorizer(
                known["authorizer"]["invoke_arn"], args.get("authorizer_ttl_seconds", 300)
            )
            default = known["default"] and function_integration(known["default"]["invoke_arn"])
            return json.dumps(
                document(known["name"], DESCRIPTION, operations, authorizer, cors_headers, default), sort_keys=True
            )

        known: pulumi.Output[dict[str, Any]] = pulumi.Output.from_input(values)
        return known.apply(text)

    def _deployment(
        self, body: pulumi.Output[str], permissions: Sequence[aws.lambda_.Permission]
    ) -> aws.apigateway.Deployment:
        """A deployment of the document for a stage to serve: a new one whenever the document changes. It waits for the
        permissions, so that no route goes live that API Gateway may not invoke."""
        imported = aws.apigateway.RestApiPut(
            f"{self._name}-document",
            rest_api_id=self.id,
            body=body,
            fail_on_warnings=True,
            # The published description documents the API.
            parameters={"ignore": "documentation"},
            opts=self._child,
        )
        return aws.apigateway.Deployment(
            f"{self._name}-deployment",
            rest_api=self.id,
            triggers={"document": body.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[imported, *permissions]),
        )

    def _allow_invoke(self, label: str, function: FunctionAddress, suffix: str) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            f"{self._name}-{label}-permission",
            action="lambda:InvokeFunction",
            function=function["name"],
            qualifier=function.get("qualifier"),
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(self.execution_arn, suffix),
            opts=self._child,
        )


def _integration(target: Mapping[str, str], cors_headers: Mapping[str, str]) -> dict[str, Any]:
    """The integration of a target whose values are known."""
    if "invoke_arn" in target:
        return function_integration(target["invoke_arn"])
    place = f"{target['partition']}:apigateway:{target['region']}"
    queue = f"arn:{place}:sqs:path/{target['account_id']}/{target['queue_name']}"
    return queue_integration(queue, target["role_arn"], cors_headers)


def _label(route: ApiRoute) -> str:
    """A name for the resources of a route: `GET /orders/{id}` -> `get-orders-id`."""
    words = [word.strip("{}+") for word in route.path.split("/") if word]
    return "-".join([route.method.lower(), *(words or ["root"])])


def _wildcards(path: str) -> str:
    """The path in the format of an ARN: `/orders/{id}` -> `/orders/*`."""
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))
