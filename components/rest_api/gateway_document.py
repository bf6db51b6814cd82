"""The OpenAPI 3.0.1 document that API Gateway imports an API from.

It contains only what API Gateway reads (API Gateway developer guide, "OpenAPI extensions for API Gateway"): no texts,
no parameters but those in paths, and responses only where API Gateway itself responds.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from msgspec import Struct

from .gateway_models import schemas
from .gateway_responses import GATEWAY_RESPONSES, RETRY_AFTER_SECONDS, problem, problem_headers

Json = dict[str, Any]

AUTHORIZER = "token"
"""Name of the authorizer and of the security scheme that declares it."""

BODY_VALIDATOR = "body"

ANY_METHOD = "x-amazon-apigateway-any-method"

API_KEY_SOURCE = "HEADER"

TOKEN = r"^([Bb][Ee][Aa][Rr][Ee][Rr] +)?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"  # noqa: S105
"""Pattern of a token; anything else gets a 401 without invoking a function."""

UNKNOWN_PATHS = ("/", "/{proxy+}")
"""The root, and every path that has no route."""

ALL_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match",
    "Access-Control-Max-Age": "7200",
}

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
"""The SQS query API call that queues a body; encoded, so that the body cannot add form fields."""

NOT_QUEUED = "The order is too large, or has characters that cannot be queued."
NO_QUEUE = "The queue does not respond. Try again in a moment."


class Operation(NamedTuple):
    """A method on a path: its integration, whether it requires a token, and the type of its body, if any."""

    method: str
    path: str
    integration: Json
    private: bool
    body: type[Struct] | None = None


class Authorizer(NamedTuple):
    """The function of a TOKEN authorizer, and how long its responses are cached (0 to 3,600 seconds)."""

    uri: str
    ttl_seconds: int


def document(
    name: str,
    description: str,
    operations: Sequence[Operation],
    authorizer: Authorizer | None,
    cors_headers: Mapping[str, str],
    default: Json | None = None,
) -> Json:
    """The document of an API. `default` is the integration of the requests that no operation matches.

    An import in `overwrite` mode also sets the API's name, description and API key source from it.
    """
    schemes = {AUTHORIZER: _scheme(authorizer)} if authorizer else {}
    return {
        "openapi": "3.0.1",
        "info": {"title": name, "description": description, "version": "1"},
        "paths": _paths(operations, default, cors_headers),
        "components": {"schemas": schemas({it.body for it in operations if it.body}), "securitySchemes": schemes},
        "x-amazon-apigateway-api-key-source": API_KEY_SOURCE,
        "x-amazon-apigateway-gateway-responses": {it.type: it.document(cors_headers) for it in GATEWAY_RESPONSES},
        "x-amazon-apigateway-request-validators": {
            BODY_VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": False}
        },
    }


def function_integration(uri: str) -> Json:
    """A Lambda function responds. Lambda is called by POST, whatever the route's method."""
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}


def queue_integration(uri: str, role_arn: str, cors_headers: Mapping[str, str]) -> Json:
    """The body goes to a queue, with the caller's name and the request ID as the message attributes `customer` and
    `correlationId`; the response is 202."""
    refused = problem(HTTPStatus.BAD_REQUEST, NOT_QUEUED)
    unavailable = problem(HTTPStatus.SERVICE_UNAVAILABLE, NO_QUEUE)
    return {
        "type": "aws",
        "httpMethod": "POST",
        "uri": uri,
        "credentials": role_arn,
        "passthroughBehavior": "never",
        "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        "requestTemplates": {"application/json": SEND_MESSAGE},
        "responses": {
            "default": _response(HTTPStatus.ACCEPTED, cors_headers),
            "400": _response(HTTPStatus.BAD_REQUEST, problem_headers(cors_headers), refused),
            "(?!2|400).*": _response(
                HTTPStatus.SERVICE_UNAVAILABLE,
                {**problem_headers(cors_headers), "Retry-After": str(RETRY_AFTER_SECONDS)},
                unavailable,
            ),
        },
    }


def _paths(operations: Iterable[Operation], default: Json | None, cors_headers: Mapping[str, str]) -> Json:
    """Every route, `OPTIONS` on every path, and the default integration for all else.

    Without one, API Gateway responds with a 404, or, if the request has an `Authorization` header, with a 401.
    """
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    for methods in paths.values():
        allowed = ", ".join(sorted(method.upper() for method in {*methods, "options"}))
        methods["options"] = _preflight(allowed, cors_headers)
    for path in UNKNOWN_PATHS:
        paths.setdefault(path, {}).setdefault("options", _preflight(ALL_METHODS, cors_headers))
    if default:
        for methods in paths.values():
            methods[ANY_METHOD] = _with_responses({"x-amazon-apigateway-integration": default})
    for path, methods in paths.items():
        if parameters := _path_parameters(path):
            for operation in methods.values():
                operation["parameters"] = parameters
    return paths


def _path_parameters(path: str) -> list[Json]:
    """The parameters in a path; an import can report one that is not declared."""
    names = re.findall(r"\{(\w+)\+?\}", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _operation(operation: Operation) -> Json:
    described: Json = {"x-amazon-apigateway-integration": operation.integration}
    if operation.private:
        described["security"] = [{AUTHORIZER: []}]
    if operation.body:
        schema = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        described["x-amazon-apigateway-request-validator"] = BODY_VALIDATOR
    return _with_responses(described)


def _preflight(methods: str, cors_headers: Mapping[str, str]) -> Json:
    """A method that API Gateway itself responds to. A preflight has no body, so one template is enough."""
    headers = {**cors_headers, **PREFLIGHT_HEADERS, "Access-Control-Allow-Methods": methods}
    integration = {
        "type": "mock",
        "passthroughBehavior": "never",
        "requestTemplates": {"application/json": f'{{"statusCode": {HTTPStatus.NO_CONTENT}}}'},
        "responses": {"default": _response(HTTPStatus.NO_CONTENT, headers)},
    }
    return _with_responses({"x-amazon-apigateway-integration": integration})


def _response(status: HTTPStatus, headers: Mapping[str, str], body: str | None = None) -> Json:
    """An integration response with constant headers and body."""
    parameters = {f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()}
    templates = {"responseTemplates": {"application/json": body}} if body else {}
    return {"statusCode": str(int(status)), "responseParameters": parameters, **templates}


def _with_responses(operation: Json) -> Json:
    """The operation with the method responses of its integration responses.

    OpenAPI requires `responses`, also where it is empty: an import reports a missing one.
    """
    answers = operation["x-amazon-apigateway-integration"].get("responses", {}).values()
    responses = {
        answer["statusCode"]: {
            "description": HTTPStatus(int(answer["statusCode"])).phrase,
            "headers": {
                name.removeprefix("method.response.header."): {"schema": {"type": "string"}}
                for name in answer["responseParameters"]
            },
        }
        for answer in answers
    }
    return {**operation, "responses": responses}


def _scheme(authorizer: Authorizer) -> Json:
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": authorizer.uri,
            "authorizerResultTtlInSeconds": authorizer.ttl_seconds,
            "identityValidationExpression": TOKEN,
        },
    }
