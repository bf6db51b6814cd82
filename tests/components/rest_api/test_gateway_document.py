"""The OpenAPI document that API Gateway imports."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.rest_api.gateway_document import (
    SEND_MESSAGE,
    Authorizer,
    Operation,
    document,
    function_integration,
    queue_integration,
)
from lambdas.orders.models import Move, NewOrder
from lambdas.runtime.http import CORS_HEADERS

INVOKE = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:it/invocations"
)
QUEUE = "arn:aws:apigateway:us-east-1:sqs:path/1/intake"
ROLE = "arn:aws:iam::1:role/sender"
FUNCTION = function_integration(INVOKE)

OPERATIONS = [
    Operation("POST", "/sign-in", FUNCTION, private=False),
    Operation("GET", "/orders", FUNCTION, private=True),
    Operation("POST", "/orders", FUNCTION, private=True, body=NewOrder),
    Operation("POST", "/orders/queued", queue_integration(QUEUE, ROLE, CORS_HEADERS), private=True, body=NewOrder),
    Operation("PATCH", "/orders/{customer}/{id}", FUNCTION, private=True, body=Move),
]

TOP_LEVEL_KEYS = {
    *("openapi", "info", "paths", "components", "x-amazon-apigateway-api-key-source"),
    *("x-amazon-apigateway-gateway-responses", "x-amazon-apigateway-request-validators"),
}


@pytest.fixture(scope="module")
def api_document() -> dict[str, Any]:
    return document("cafe-api", "The API", OPERATIONS, Authorizer("arn:authorize", 60), CORS_HEADERS, FUNCTION)


def integration(api_document: dict[str, Any], method: str, path: str) -> Any:
    return api_document["paths"][path][method]["x-amazon-apigateway-integration"]


def keys(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                yield key
                yield from keys(item)
        case list():
            for item in value:
                yield from keys(item)


def test_it_has_the_settings_of_the_rest_api(api_document: dict[str, Any]) -> None:
    assert api_document["openapi"] == "3.0.1"
    assert (api_document["info"]["title"], api_document["info"]["description"]) == ("cafe-api", "The API")
    assert api_document["x-amazon-apigateway-api-key-source"] == "HEADER"


def test_it_contains_only_what_api_gateway_reads(api_document: dict[str, Any]) -> None:
    assert api_document.keys() == TOP_LEVEL_KEYS
    assert {"summary", "operationId", "tags", "example", "examples", "nullable"} & set(keys(api_document)) == set()
    for methods in api_document["paths"].values():
        for operation in methods.values():
            is_proxy = operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
            assert bool(operation["responses"]) is not is_proxy


def test_every_route_is_an_operation(api_document: dict[str, Any]) -> None:
    routes = {(operation.method.lower(), operation.path) for operation in OPERATIONS}
    answered = {
        (method, path)
        for path, methods in api_document["paths"].items()
        for method in methods
        if method not in ("options", "x-amazon-apigateway-any-method")
    }

    assert answered == routes
    assert integration(api_document, "get", "/orders") == {"type": "aws_proxy", "httpMethod": "POST", "uri": INVOKE}


def test_only_private_routes_use_the_authorizer(api_document: dict[str, Any]) -> None:
    secured = {
        (method, path): operation["security"]
        for path, methods in api_document["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    }
    scheme = api_document["components"]["securitySchemes"]["token"]
    authorizer = scheme["x-amazon-apigateway-authorizer"]

    assert secured == {(it.method.lower(), it.path): [{"token": []}] for it in OPERATIONS if it.private}
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert (authorizer["type"], authorizer["authorizerUri"], authorizer["authorizerResultTtlInSeconds"]) == (
        *("token", "arn:authorize"),
        60,
    )
    pattern = authorizer["identityValidationExpression"]
    assert all(re.fullmatch(pattern, token) for token in ("a.b-_.c", "Bearer a.b.c", "bearer  a.b.c"))
    assert not any(re.fullmatch(pattern, token) for token in ("", "a.b", "Basic a.b.c", "a.b.c d", "a.b.c\n", "é.b.c"))


def test_an_api_without_an_authorizer_has_no_scheme() -> None:
    api_document = document("it", "it", [Operation("GET", "/a", FUNCTION, private=False)], None, CORS_HEADERS)

    assert api_document["components"]["securitySchemes"] == {}


def test_bodies_are_validated_against_their_models(api_document: dict[str, Any]) -> None:
    for operation in OPERATIONS:
        described = api_document["paths"][operation.path][operation.method.lower()]
        if operation.body is None:
            assert not {"requestBody", "x-amazon-apigateway-request-validator"} & described.keys()
            continue
        reference = described["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        assert reference == f"#/components/schemas/{operation.body.__name__}"
        assert operation.body.__name__ in api_document["components"]["schemas"]
        validator = described["x-amazon-apigateway-request-validator"]
        assert api_document["x-amazon-apigateway-request-validators"][validator]["validateRequestBody"] is True


def test_every_path_answers_preflights_with_its_methods(api_document: dict[str, Any]) -> None:
    assert {path for path, methods in api_document["paths"].items() if "options" not in methods} == set()
    assert {"/", "/{proxy+}"} < api_document["paths"].keys()
    for path, methods in api_document["paths"].items():
        (response,) = integration(api_document, "options", path)["responses"].values()
        headers = response["responseParameters"]
        assert response["statusCode"] == "204"
        assert headers["method.response.header.Access-Control-Allow-Origin"] == "'*'"
        allowed = headers["method.response.header.Access-Control-Allow-Methods"].strip("'").split(", ")
        if path not in ("/", "/{proxy+}"):
            assert set(allowed) == {method.upper() for method in methods if not method.startswith("x-")}


def test_the_default_function_gets_all_that_no_operation_matches(api_document: dict[str, Any]) -> None:
    for path, methods in api_document["paths"].items():
        operation = methods["x-amazon-apigateway-any-method"]

        assert "security" not in operation, path
        assert operation["x-amazon-apigateway-integration"] == FUNCTION


def test_only_preflights_choose_a_template_by_the_type_of_the_body(api_document: dict[str, Any]) -> None:
    """API Gateway responds with 415 to a type without a template, and there is no template for all types. A preflight
    has no body; every other method goes to a function or a queue."""
    mocks = {
        method
        for methods in api_document["paths"].values()
        for method, operation in methods.items()
        if operation["x-amazon-apigateway-integration"]["type"] == "mock"
    }

    assert mocks == {"options"}


def test_without_a_default_function_api_gateway_responds_itself() -> None:
    paths = document("cafe-api", "The API", OPERATIONS, None, CORS_HEADERS)["paths"]

    assert [path for path, methods in paths.items() if "x-amazon-apigateway-any-method" in methods] == []


def test_every_operation_declares_the_parameters_of_its_path(api_document: dict[str, Any]) -> None:
    for path, methods in api_document["paths"].items():
        names = [part.strip("{}+") for part in path.split("/") if part.startswith("{")]
        for operation in methods.values():
            declared = operation.get("parameters", [])
            assert [it["name"] for it in declared] == names
            assert all((it["in"], it["required"]) == ("path", True) for it in declared)


def test_every_gateway_response_declares_its_headers(api_document: dict[str, Any]) -> None:
    for methods in api_document["paths"].values():
        for operation in methods.values():
            answers = operation["x-amazon-apigateway-integration"].get("responses", {}).values()
            assert {answer["statusCode"] for answer in answers} == operation.get("responses", {}).keys()
            for answer in answers:
                names = {name.rpartition(".")[2] for name in answer["responseParameters"]}
                assert names == operation["responses"][answer["statusCode"]]["headers"].keys()
                # API Gateway reads an unquoted value as a reference.
                assert all(re.fullmatch(r"'[^']*'", value) for value in answer["responseParameters"].values())


def test_a_queued_body_becomes_a_url_encoded_message() -> None:
    described = queue_integration(QUEUE, ROLE, CORS_HEADERS)
    template = dict(part.split("=", 1) for part in SEND_MESSAGE.split("&"))

    assert (
        described["type"],
        described["uri"],
        described["credentials"],
        described["passthroughBehavior"],
    ) == (
        "aws",
        QUEUE,
        ROLE,
        "never",
    )
    assert described["requestTemplates"] == {"application/json": SEND_MESSAGE}
    assert described["requestParameters"] == {
        "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
    }
    assert template["Action"] == "SendMessage"
    assert template["MessageBody"] == "$util.urlEncode($input.body)"
    assert (template["MessageAttribute.1.Name"], template["MessageAttribute.2.Name"]) == ("customer", "correlationId")
    assert template["MessageAttribute.1.Value.StringValue"] == "$util.urlEncode($context.authorizer.customer)"
    assert template["MessageAttribute.2.Value.StringValue"] == "$context.requestId"


@pytest.mark.parametrize(("status", "answer"), [("200", "202"), ("400", "400"), ("403", "503"), ("500", "503")])
def test_only_a_200_from_the_queue_returns_202(status: str, answer: str) -> None:
    responses = queue_integration(QUEUE, ROLE, CORS_HEADERS)["responses"]
    chosen = next((it for pattern, it in responses.items() if re.fullmatch(pattern, status)), responses["default"])

    assert chosen["statusCode"] == answer
    assert chosen["responseParameters"]["method.response.header.Access-Control-Allow-Origin"] == "'*'"
    if answer == "503":
        assert chosen["responseParameters"]["method.response.header.Retry-After"] == "'1'"
    if answer != "202":
        assert json.loads(chosen["responseTemplates"]["application/json"])["status"] == int(answer)
