"""How requests come in: who may call what, and how often. The emulator asks for none of these permissions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from policy.documents import document, matches, permits, statements
from policy.kinds import (
    ALIAS,
    FUNCTION,
    FUNCTION_PERMISSION,
    LOG_GROUP,
    METHOD_SETTINGS,
    QUEUE,
    REST_API_DOCUMENT,
    ROLE,
    ROLE_POLICY,
    STAGE,
)
from policy.rule import Example, Resource, Stack, example, rule, stack_rule

OPEN = {
    ("POST", "/authenticate"): "who signs in has no token yet",
    ("GET", "/pay/{token}"): "a payer has a link and no account",
    ("POST", "/pay/{token}"): "a payer has a link and no account",
}
"""The routes that ask nobody for a token, and why."""

PERSONAL = (
    "$context.path",
    "$context.authorizer.customer",
    "$context.authorizer.principalId",
    "$context.identity.user",
)
"""What of a request tells whose it is: a path has the customer's name in it (API Gateway, access logging)."""

METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method"}


class Operation(NamedTuple):
    """An operation of the document that an API is made from: its method (`ANY`: all others), its path, what it is
    integrated with, and whether it asks for a token."""

    method: str
    path: str
    integration: Mapping[str, Any]
    private: bool


def operations(api: Resource) -> Iterator[Operation]:
    """All operations of a document."""
    body = json.loads(api["body"])
    for path, item in body["paths"].items():
        for method, it in item.items():
            if method in METHODS:
                name = "ANY" if method.startswith("x-") else method.upper()
                private = bool(it.get("security", body.get("security")))
                yield Operation(name, path, it["x-amazon-apigateway-integration"], private)


def authorizers(api: Resource) -> Iterator[str]:
    """The URIs of a document's authorizers."""
    for scheme in json.loads(api["body"]).get("components", {}).get("securitySchemes", {}).values():
        if authorizer := scheme.get("x-amazon-apigateway-authorizer"):
            yield authorizer["authorizerUri"]


def _api(paths: Mapping[str, Any], **schemes: Any) -> Resource:
    """An example of a document. Where a resource stands in it, its ARN does."""
    it = example(REST_API_DOCUMENT, "api", body={"paths": paths, "components": {"securitySchemes": schemes}})
    return replace(it, props={**it.props, "body": json.dumps(it.props["body"])})


def _route(method: str, path: str, *, private: bool = False, **integration: Any) -> Mapping[str, Any]:
    security: dict[str, Any] = {"security": [{"token": []}]} if private else {}
    return {path: {method: {"x-amazon-apigateway-integration": integration, **security}}}


def _authorized_by(function: Resource) -> Resource:
    return _api({}, token={"x-amazon-apigateway-authorizer": {"authorizerUri": function}})


CALLED = example(FUNCTION, "called", invokeArn="arn:called")
LIVE = example(ALIAS, "live", functionName=CALLED, invokeArn="arn:live")
PROXY = _api(_route("get", "/menu", type="aws_proxy", uri=CALLED))
MAY: dict[str, Any] = {"principal": "apigateway.amazonaws.com", "sourceArn": "arn:aws:execute-api:r:1:api/*/GET/menu"}
SENDER = example(ROLE, "sender", arn="arn:sender")
TAKING = example(QUEUE, "taking", arn="arn:taking", name="arn:taking")
SENDING = example(
    ROLE_POLICY,
    role=SENDER,
    policy=document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:taking"}),
)
STAGED = example(STAGE, "stage")


def _settings(**settings: object) -> Example:
    limits = {"throttlingRateLimit": 200, "throttlingBurstLimit": 400}
    return [STAGED, example(METHOD_SETTINGS, stageName=STAGED, methodPath="*/*", settings={**limits, **settings})]


def _access_log(format: str) -> Resource:
    log = example(LOG_GROUP, "log")
    return example(STAGE, accessLogSettings={"destinationArn": log, "format": format})


@stack_rule(
    "the-gateway-may-call",
    "API Gateway calls a function only where the function's own policy lets it: without that every call is a 500.",
    on=[REST_API_DOCUMENT],
    refused=[
        [PROXY, CALLED],
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **{**MAY, "principal": "s3.amazonaws.com"})],
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **{**MAY, "sourceArn": "arn:api/*/PUT/menu"})],
        [_authorized_by(LIVE), LIVE, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **MAY)],
    ],
    accepted=[
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **MAY)],
        [
            *(_authorized_by(LIVE), LIVE, CALLED),
            example(
                FUNCTION_PERMISSION,
                function=CALLED,
                qualifier=LIVE,
                **{**MAY, "sourceArn": "arn:aws:execute-api:r:1:api/authorizers/*"},
            ),
        ],
    ],
)
def the_gateway_may_call(api: Resource, stack: Stack) -> Iterator[str]:
    """Every function or alias that the API calls has a permission for the route, or as the authorizer."""
    called = [(it.integration["uri"], f"api/stage/{it.method}{it.path}") for it in operations(api) if _proxies(it)]
    called += [(uri, "api/authorizers/id") for uri in authorizers(api)]
    targets = {each["invokeArn"]: each for each in stack.behind(api, "body", FUNCTION, ALIAS)}
    for uri, source in called:
        if uri not in targets:
            continue
        target = targets[uri]
        permissions = stack.using(target, FUNCTION_PERMISSION, "function" if target.type == FUNCTION else "qualifier")
        if not any(
            each["principal"] == "apigateway.amazonaws.com" and matches(f"*{_suffix(each)}", source)
            for each in permissions
        ):
            where = source.removeprefix("api/").removeprefix("stage/")
            yield f"calls {target.name} for {where} without permission: add a `Permission` for apigateway.amazonaws.com"


def _proxies(operation: Operation) -> bool:
    return str(operation.integration["type"]).lower() == "aws_proxy"


def _suffix(permission: Resource) -> str:
    """What of the API a permission is about: `/*/GET/orders`."""
    return str(permission["sourceArn"]).partition("/")[1] + str(permission["sourceArn"]).partition("/")[2]


@stack_rule(
    "the-gateway-may-send",
    "API Gateway sends to a queue with the integration's own role: without its grant every request is a 500.",
    on=[REST_API_DOCUMENT],
    refused=[
        [_api(_route("post", "/menu", type="aws", uri=TAKING)), TAKING],
        [_api(_route("post", "/menu", type="aws", uri=TAKING, credentials=SENDER)), TAKING, SENDER],
    ],
    accepted=[
        [_api(_route("post", "/menu", type="aws", uri=TAKING, credentials=SENDER)), TAKING, SENDER, SENDING],
    ],
)
def the_gateway_may_send(api: Resource, stack: Stack) -> Iterator[str]:
    """An integration with a queue has a role that may send to it."""
    found = list(operations(api))  # first: what is unknown in a preview ends here
    roles = {role["arn"]: role for role in stack.behind(api, "body", ROLE)}
    queues = {queue["name"]: queue for queue in stack.behind(api, "body", QUEUE)}
    for operation in found:
        queue = queues.get(str(operation.integration.get("uri", "")).rpartition("/")[2])
        if operation.integration["type"].lower() != "aws" or queue is None:
            continue
        role = roles.get(operation.integration.get("credentials", ""))
        policies = stack.using(role, ROLE_POLICY, "role") if role else []
        may = [statement for policy in policies for statement in statements(policy["policy"])]
        if not permits(may, "sqs:SendMessage", queue["arn"]):
            yield f"may not send to {queue.name}: give it `credentials` that grant sqs:SendMessage on {queue['arn']}"


@rule(
    "callers-of-functions-are-named",
    "A permission without a source lets anybody's API, bucket or topic call the function.",
    on=[FUNCTION_PERMISSION],
    refused=[
        [example(FUNCTION_PERMISSION, principal="apigateway.amazonaws.com")],
        [example(FUNCTION_PERMISSION, **{**MAY, "principal": "*"})],
    ],
    accepted=[[example(FUNCTION_PERMISSION, **MAY)]],
)
def callers_of_functions_are_named(permission: Resource) -> Iterator[str]:
    """A permission to call a function names the service and the resource on whose behalf."""
    if permission["principal"] == "*":
        yield "lets everybody call: name the service in `principal`"
    if not permission.get("sourceArn"):
        yield f"lets {permission['principal']} call for anybody: set `sourceArn`"


@rule(
    "routes-are-private",
    "A route that forgets to ask for a token shows everybody's orders to everybody.",
    on=[REST_API_DOCUMENT],
    refused=[
        [_api(_route("get", "/orders", type="aws_proxy"))],
        [_api(_route("put", "/authenticate", type="aws_proxy"))],
        [_api(_route("x-amazon-apigateway-any-method", "/orders", type="aws_proxy"))],
        [_api(_route("post", "/orders/queued", type="aws"))],
    ],
    accepted=[
        [_api(_route("post", "/authenticate", type="aws_proxy"))],
        [_api(_route("options", "/orders", type="mock"))],
        [_api(_route("get", "/orders", type="aws_proxy", private=True))],
    ],
)
def routes_are_private(api: Resource) -> Iterator[str]:
    """An operation that asks nobody is in `OPEN`, or the gateway answers it itself."""
    for it in operations(api):
        if not it.private and it.integration["type"].lower() != "mock" and (it.method, it.path) not in OPEN:
            yield f"leaves {it.method} {it.path} open: add `security`, or say in `OPEN` why nobody is asked"


@stack_rule(
    "requests-are-throttled",
    "One caller in a loop should get a 429, and not the account's functions and the bill.",
    on=[STAGE],
    refused=[[STAGED], _settings(throttlingRateLimit=-1)],
    accepted=[_settings()],
)
def requests_are_throttled(stage: Resource, stack: Stack) -> Iterator[str]:
    """A stage has a limit for its rate and its bursts, for all methods."""
    limits = [
        settings["settings"].get(limit) or -1
        for settings in stack.using(stage, METHOD_SETTINGS, "stageName")
        if settings["methodPath"] == "*/*"
        for limit in ("throttlingRateLimit", "throttlingBurstLimit")
    ]
    # -1 stands for the account's own limit, which all APIs share.
    if not limits or min(limits) < 0:
        yield "takes as many requests as there are: set both throttling limits in `MethodSettings` for `*/*`"


@rule(
    "bodies-are-not-logged",
    "API Gateway's data trace writes whole requests into a log: tokens, passwords and addresses.",
    on=[METHOD_SETTINGS],
    refused=[_settings(dataTraceEnabled=True)[1:]],
    accepted=[_settings()[1:]],
)
def bodies_are_not_logged(settings: Resource) -> Iterator[str]:
    """The data trace is off."""
    if settings["settings"].get("dataTraceEnabled"):
        yield "logs whole requests: take `dataTraceEnabled` away"


@rule(
    "accesses-are-logged-without-names",
    "Who asks what went wrong needs a line for each request, and nobody needs to read there who ordered.",
    on=[STAGE],
    refused=[[STAGED], [_access_log("$context.requestId $context.path")]],
    accepted=[[_access_log("$context.requestId $context.resourcePath")]],
)
def accesses_are_logged_without_names(stage: Resource) -> Iterator[str]:
    """A stage logs each access, and nothing that tells whose it was."""
    settings = stage.get("accessLogSettings")
    if not settings:
        yield "logs no accesses: set `accessLogSettings`"
    elif told := [each for each in PERSONAL if each in settings["format"]]:
        yield f"logs whose a request was: take {', '.join(told)} out of the format"
