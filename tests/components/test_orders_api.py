"""The program's API: every route and its integration."""

import json
import re
from typing import Any

import pulumi_aws as aws

from components.rest_api.openapi import document as published
from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES, Route
from tests.components.policies import permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recording

CALLED = [route for route in ROUTES if route.function is not None]
(QUEUED,) = [route for route in ROUTES if route.function is None]


def document(cafe: Recording) -> dict[str, Any]:
    """The OpenAPI document that API Gateway imports."""
    found: dict[str, Any] = json.loads(cafe.one(aws.apigateway.RestApiPut)["body"])
    return found


def operation(cafe: Recording, route: Route) -> Any:
    return document(cafe)["paths"][route.path][route.method.lower()]


def uri(cafe: Recording, route: Route) -> str:
    return str(operation(cafe, route)["x-amazon-apigateway-integration"]["uri"])


def authorizer_uri(cafe: Recording) -> str:
    scheme = document(cafe)["components"]["securitySchemes"]["token"]
    return str(scheme["x-amazon-apigateway-authorizer"]["authorizerUri"])


def operations(paths: dict[str, Any], *, gateways: bool) -> dict[tuple[str, str], tuple[bool, str | None]]:
    """Whether each operation of an OpenAPI document requires a token, and the name of its body's schema. Excludes
    operations that the gateway itself answers."""
    found = {}
    for path, methods in paths.items():
        for method, it in methods.items():
            if method in ("parameters", "options") or method.startswith("x-"):
                continue
            reference = (
                it.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref")
            )
            body = reference.rpartition("/")[2] if reference else None
            found[method.upper(), path] = (bool(it.get("security")), body)
    assert found, f"no operation for {'the gateway' if gateways else 'readers'}"
    return found


def test_the_api_and_its_published_document_have_the_same_routes(cafe: Recording) -> None:
    contract = {
        (route.method, route.path): (route.access != "anyone", body and body.__name__)
        for route in ROUTES
        for body in [BODIES.get((route.method, route.path))]
    }

    assert operations(document(cafe)["paths"], gateways=True) == contract
    assert operations(published()["paths"], gateways=False) == contract


def test_every_route_calls_its_function(cafe: Recording) -> None:
    handlers = {uri: function["handler"] for uri, function in cafe.by(aws.lambda_.Function, "invokeArn").items()}

    assert {route: handlers[uri(cafe, route)] for route in CALLED} == {
        route: f"lambdas.{route.function}.handler" for route in CALLED
    }
    assert handlers[authorizer_uri(cafe)] == "lambdas.authorize.handler"


def test_the_gateway_can_call_functions_only_for_their_routes(cafe: Recording) -> None:
    functions = {function.id: function["handler"] for function in cafe.of(aws.lambda_.Function)}
    api = cafe.one(aws.apigateway.RestApi).outputs["executionArn"]
    permitted = {
        (functions[it["function"]], it["sourceArn"], it["principal"], it["action"])
        for it in cafe.of(aws.lambda_.Permission)
        if it["principal"] != "appsync.amazonaws.com"
    }
    caller = ("apigateway.amazonaws.com", "lambda:InvokeFunction")

    assert permitted == {
        ("lambdas.authorize.handler", f"{api}/authorizers/*", *caller),
        ("lambdas.default_route.handler", f"{api}/*/*/*", *caller),
        *(
            (f"lambdas.{it.function}.handler", f"{api}/*/{it.method}{re.sub('{[a-z]+}', '*', it.path)}", *caller)
            for it in CALLED
        ),
    }


def test_the_gateway_calls_aliases_where_functions_have_them(ready: Recording) -> None:
    aliases = ready.by(aws.lambda_.Alias, "invokeArn")
    handlers = {function.id: function["handler"] for function in ready.of(aws.lambda_.Function)}
    called = {route: aliases[uri(ready, route)]["functionName"] for route in CALLED}

    assert {route: handlers[name] for route, name in called.items()} == {
        route: f"lambdas.{route.function}.handler" for route in CALLED
    }
    assert handlers[aliases[authorizer_uri(ready)]["functionName"]] == "lambdas.authorize.handler"


def test_the_gateway_can_call_aliases_only(ready: Recording) -> None:
    permissions = [it for it in ready.of(aws.lambda_.Permission) if it["principal"] == "apigateway.amazonaws.com"]
    aliases = {(alias["functionName"], alias["name"]) for alias in ready.of(aws.lambda_.Alias)}

    assert {(permission["function"], permission.get("qualifier")) for permission in permissions} == aliases
    assert len(permissions) == len(CALLED) + 2


def test_without_aliases_permissions_have_no_qualifier(dev: Recording) -> None:
    assert {permission.get("qualifier") for permission in dev.of(aws.lambda_.Permission)} == {None}


def test_queued_orders_go_directly_to_the_intake_queue(cafe: Recording) -> None:
    integration = operation(cafe, QUEUED)["x-amazon-apigateway-integration"]
    role = cafe.by(aws.iam.Role, "arn")[integration["credentials"]]
    (policy,) = [policy for policy in cafe.of(aws.iam.RolePolicy) if policy["role"] == role.id]
    head, _, queue_name = integration["uri"].rpartition("/")
    queue = cafe.by(aws.sqs.Queue, "id")[queue_name]
    (source,) = [s for s in cafe.of(aws.lambda_.EventSourceMapping) if s["eventSourceArn"] == queue.arn]

    assert head == f"arn:aws:apigateway:{REGION}:sqs:path/{ACCOUNT}"
    handler = cafe.by(aws.lambda_.Function, "arn")[source["functionName"]]["handler"]
    assert handler == "lambdas.create_queued_order.handler"
    (statement,) = statements(policy)
    assert (statement["Action"], statement["Resource"]) == (["sqs:SendMessage"], [queue.arn])
    assert permits(statements(policy), "sqs:SendMessage", queue.arn)
    assert policy in list(cafe.dependencies_of(cafe.one(aws.apigateway.RestApiPut)))
    # No function in front of the queue checks the body's size.
    assert queue["maxMessageSize"] <= 64 * 1024


def test_the_document_is_within_api_gateways_quotas(configured: Recording) -> None:
    # API Gateway quotas: 6 MB per OpenAPI file, 300 resources per API, 400 KB per model.
    text = configured.one(aws.apigateway.RestApiPut)["body"]
    schemas = json.loads(text)["components"]["schemas"].values()

    assert len(text.encode()) < 1_000_000
    assert len(json.loads(text)["paths"]) < 100
    assert max(len(json.dumps(schema)) for schema in schemas) < 100_000
