"""A REST API of API Gateway, put together route by route."""

import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypedDict, TypeVar

import msgspec
import pulumi
import pulumi_aws as aws

from components.body_models import json_schema
from components.gateway_responses import GATEWAY_RESPONSES, PROBLEM_HEADERS, problem
from components.python_function import FunctionAddress
from lambdas.http import CORS_HEADERS

Part = TypeVar("Part", bound=pulumi.CustomResource)

PREFLIGHT_HEADERS = {
    **CORS_HEADERS,
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
    "Access-Control-Max-Age": "7200",
}
ALL_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


TOKEN = r"^([Bb][Ee][Aa][Rr][Ee][Rr] +)?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"  # noqa: S105
"""What a token looks like; anything else is a 401 without starting a function."""


class QueueTarget(TypedDict):
    """A queue into which a route puts its bodies, with no function in between."""

    region: pulumi.Input[str]
    account_id: pulumi.Input[str]
    queue_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    """The role that API Gateway sends as."""


class RestApi(pulumi.ComponentResource):
    """Resources, methods, integrations, preflights and gateway responses, and a deployment of them all.

    Whatever is added is remembered: `deployment` makes a new one when, and only when, any of it has changed.
    """

    id: pulumi.Output[str]
    name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:RestApi", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        settings: dict[str, Any] = {"endpoint_configuration": {"types": "REGIONAL"}}
        self._api = aws.apigateway.RestApi(name, opts=self._child, **settings)
        self.id, self.name = self._api.id, self._api.name
        self.execution_arn = self._api.execution_arn
        self._parts: list[pulumi.Resource] = []
        self._definition: list[pulumi.Input[object]] = [settings]
        self._resources: dict[str, pulumi.Input[str]] = {"/": self._api.root_resource_id}
        self._methods: dict[str, list[str]] = {}  # those of the routes, by path
        self._models: dict[type[msgspec.Struct], pulumi.Output[str]] = {}
        self._validator = self._add(
            aws.apigateway.RequestValidator, "body-validator", name="body", validate_request_body=True
        )
        self._answer_errors()
        self.register_outputs({"id": self.id})

    def add_authorizer(self, function: FunctionAddress, ttl_seconds: int) -> pulumi.Output[str]:
        """A TOKEN authorizer; its answers are kept for `ttl_seconds` (0 to 3,600). Returns its id."""
        self._let_invoke("authorizer", function, "/authorizers/*")
        authorizer = self._add(
            aws.apigateway.Authorizer,
            "authorizer",
            name="token",
            type="TOKEN",
            identity_source="method.request.header.Authorization",
            identity_validation_expression=TOKEN,
            authorizer_uri=function["invoke_arn"],
            authorizer_result_ttl_in_seconds=ttl_seconds,
        )
        return authorizer.id

    def add_function_route(
        self,
        method: str,
        path: str,
        function: FunctionAddress,
        *,
        body: type[msgspec.Struct] | None = None,
        authorizer_id: pulumi.Input[str] | None = None,
    ) -> None:
        """A route that a function answers."""
        label = _label(method.lower(), path)
        self._methods.setdefault(path, []).append(method)
        self._let_invoke(label, function, f"/*/{method}{_wildcards(path)}")
        self._add(
            aws.apigateway.Integration,
            f"{label}-integration",
            resource_id=self._resource(path),
            http_method=self._method(method, path, body, authorizer_id),
            type="AWS_PROXY",
            integration_http_method="POST",
            uri=function["invoke_arn"],
        )

    def add_queue_route(
        self,
        method: str,
        path: str,
        queue: QueueTarget,
        *,
        body: type[msgspec.Struct],
        authorizer_id: pulumi.Input[str],
    ) -> None:
        """A route that puts its body into a queue and answers 202. The caller's name, as the authorizer gave it, and
        the request's id go along in the message attributes `customer` and `correlationId`."""
        label = _label(method.lower(), path)
        self._methods.setdefault(path, []).append(method)
        integration = self._add(
            aws.apigateway.Integration,
            f"{label}-integration",
            resource_id=self._resource(path),
            http_method=self._method(method, path, body, authorizer_id),
            type="AWS",
            integration_http_method="POST",
            uri=pulumi.Output.format(
                "arn:aws:apigateway:{0}:sqs:path/{1}/{2}", queue["region"], queue["account_id"], queue["queue_name"]
            ),
            credentials=queue["role_arn"],
            passthrough_behavior="NEVER",
            request_parameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
            request_templates={"application/json": SEND_MESSAGE},
        )
        self._answer(label, integration, "202", CORS_HEADERS)
        self._answer(label, integration, "400", PROBLEM_HEADERS, "400", problem(HTTPStatus.BAD_REQUEST, NOT_QUEUED))
        unavailable = problem(HTTPStatus.SERVICE_UNAVAILABLE, "The queue does not answer. Try again in a moment.")
        self._answer(label, integration, "503", PROBLEM_HEADERS, r"(?!2|400).*", unavailable)

    def deployment(self) -> aws.apigateway.Deployment:
        """Everything that was added, with preflights and refusals of what was not. To be called once, at the end."""
        self._reject_other_methods()
        self._preflights()
        digest = pulumi.Output.json_dumps(self._definition).apply(
            lambda definition: hashlib.sha256(definition.encode()).hexdigest()
        )
        return aws.apigateway.Deployment(
            f"{self._name}-deployment",
            rest_api=self.id,
            triggers={"definition": digest},
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._parts),
        )

    def _preflights(self) -> None:
        """`OPTIONS` on every path, known or not."""
        self._preflight("/", ALL_METHODS)
        self._preflight("/{proxy+}", ALL_METHODS)
        for path in [path for path in self._resources if path not in ("/", "/{proxy+}")]:
            methods = [*self._methods.get(path, []), "OPTIONS"]
            self._preflight(path, ", ".join(sorted(methods)))

    def _reject_other_methods(self) -> None:
        """A 405 for every method that a known path does not have."""
        for path, methods in sorted(self._methods.items()):
            self._reject(path, ", ".join(sorted({*methods, "OPTIONS"})))

    def _add(self, kind: Callable[..., Part], label: str, **args: Any) -> Part:
        """Make a part of the API and remember what it says."""
        # The SDK calls the API `rest_api` in all its parts but the gateway responses.
        owner = {} if "rest_api_id" in args else {"rest_api": self.id}
        part = kind(f"{self._name}-{label}", opts=self._child, **owner, **args)
        self._parts.append(part)
        self._definition.append({"label": label, **args})
        return part

    def _resource(self, path: str) -> pulumi.Input[str]:
        """The id of the resource for a path, made on first use together with those above it."""
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            resource = self._add(
                aws.apigateway.Resource, _label("path", path), parent_id=self._resource(parent or "/"), path_part=part
            )
            self._resources[path] = resource.id
        return self._resources[path]

    def _method(
        self,
        method: str,
        path: str,
        body: type[msgspec.Struct] | None = None,
        authorizer_id: pulumi.Input[str] | None = None,
    ) -> pulumi.Output[str]:
        """A method; returns its name, through which what belongs to it is made after it."""
        validation = (
            {"request_validator_id": self._validator.id, "request_models": {"application/json": self._model(body)}}
            if body
            else {}
        )
        authorization = (
            {"authorization": "CUSTOM", "authorizer_id": authorizer_id} if authorizer_id else {"authorization": "NONE"}
        )
        return self._add(
            aws.apigateway.Method,
            _label(method.lower(), path),
            resource_id=self._resource(path),
            http_method=method,
            **authorization,
            **validation,
        ).http_method

    def _model(self, body: type[msgspec.Struct]) -> pulumi.Output[str]:
        if body not in self._models:
            model = self._add(
                aws.apigateway.Model,
                f"model-{body.__name__}",
                name=body.__name__,
                content_type="application/json",
                schema=json_schema(body),
            )
            self._models[body] = model.name
        return self._models[body]

    def _let_invoke(self, label: str, function: FunctionAddress, suffix: str) -> None:
        aws.lambda_.Permission(
            f"{self._name}-{label}-permission",
            action="lambda:InvokeFunction",
            function=function["name"],
            qualifier=function.get("qualifier"),
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(self.execution_arn, suffix),
            opts=self._child,
        )

    def _preflight(self, path: str, methods: str) -> None:
        label = _label("options", path)
        integration = self._mock(label, path, "OPTIONS", HTTPStatus.NO_CONTENT)
        self._answer(label, integration, "204", {**PREFLIGHT_HEADERS, "Access-Control-Allow-Methods": methods})

    def _reject(self, path: str, allowed: str) -> None:
        label = _label("any", path)
        integration = self._mock(label, path, "ANY", HTTPStatus.METHOD_NOT_ALLOWED)
        detail = f"This path takes {allowed}."
        body = problem(HTTPStatus.METHOD_NOT_ALLOWED, detail)
        self._answer(label, integration, "405", {**PROBLEM_HEADERS, "Allow": allowed}, body=body)

    def _mock(self, label: str, path: str, method: str, status: HTTPStatus) -> aws.apigateway.Integration:
        """A method that the gateway answers by itself."""
        return self._add(
            aws.apigateway.Integration,
            f"{label}-integration",
            resource_id=self._resource(path),
            http_method=self._method(method, path),
            type="MOCK",
            passthrough_behavior="NEVER",
            request_templates={"application/json": f'{{"statusCode": {status}}}'},
        )

    def _answer(
        self,
        label: str,
        integration: aws.apigateway.Integration,
        status: str,
        headers: Mapping[str, str],
        when: str | None = None,
        body: str | None = None,
    ) -> None:
        """An answer of a method that no function gives; it can be made once the integration is there.

        `when` is a pattern of the statuses that lead to it; without one it is the answer to all others.
        """
        target = {"resource_id": integration.resource_id, "http_method": integration.http_method}
        names = {name: f"method.response.header.{name}" for name in headers}
        response = self._add(
            aws.apigateway.MethodResponse,
            f"{label}-response-{status}",
            **target,
            status_code=status,
            response_parameters=dict.fromkeys(names.values(), True),
        )
        self._add(
            aws.apigateway.IntegrationResponse,
            f"{label}-integration-response-{status}",
            **target,
            status_code=response.status_code,
            selection_pattern=when,
            response_templates={"application/json": body} if body else None,
            response_parameters={names[name]: f"'{value}'" for name, value in headers.items()},
        )

    def _answer_errors(self) -> None:
        for response in GATEWAY_RESPONSES:
            self._add(
                aws.apigateway.Response,
                f"response-{response.type.lower()}",
                rest_api_id=self.id,
                response_type=response.type,
                status_code=str(int(response.status)),
                response_templates={"application/json": response.template()},
                response_parameters=response.parameters(),
            )


NOT_QUEUED = "The order is too large, or has characters that cannot be queued."

SEND_MESSAGE = "&".join(
    [
        "Action=SendMessage",
        "MessageBody=$util.urlEncode($input.body)",
        "MessageAttribute.1.Name=customer",
        "MessageAttribute.1.Value.DataType=String",
        "MessageAttribute.1.Value.StringValue=$util.urlEncode($context.authorizer.customer)",
        "MessageAttribute.2.Name=correlationId",
        "MessageAttribute.2.Value.DataType=String",
        "MessageAttribute.2.Value.StringValue=$context.requestId",
    ]
)
"""The call of SQS's query API that a queued body becomes; encoded, so that no character of it can act in the form."""


def _label(prefix: str, path: str) -> str:
    """A name for a part of the API: `get`, `/orders/{id}` -> `get-orders-id`."""
    words = [word.strip("{}+") for word in path.split("/") if word]
    return "-".join([prefix, *(words or ["root"])])


def _wildcards(path: str) -> str:
    """The path as it stands in an ARN: `/orders/{id}` -> `/orders/*`."""
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))
