"""Rules for incoming requests: callers, routes and limits. The emulator enforces none of these permissions."""

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

PUBLIC_ROUTES = {
    ("POST", "/authenticate"): "a user who signs in has no token yet",
    ("POST", "/guests"): "a guest has no account, and asks for a token",
    ("GET", "/menu"): "guests read the menu before they sign in, and the CDN caches it",
    ("GET", "/cafe"): "guests see whether the cafe is open before they sign in",
    ("GET", "/pay/{token}"): "a payer has a link and no account",
    ("POST", "/pay/{token}"): "a payer has a link and no account",
}
"""Routes that need no token, and why."""

PERSONAL = (
    "$context.path",
    "$context.authorizer.customer",
    "$context.authorizer.principalId",
    "$context.identity.user",
)
"""Variables of the access log that identify a customer: a path holds their ID (API Gateway, access logging)."""

METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method"}


class Operation(NamedTuple):
    """An operation of an API's OpenAPI document: method (`ANY` is all others), path, integration, and whether it
    requires a token."""

    method: str
    path: str
    integration: Mapping[str, Any]
    private: bool


def operations(api: Resource) -> Iterator[Operation]:
    """Return all operations of an API's document."""
    body = json.loads(api["body"])
    schemes = body.get("components", {}).get("securitySchemes", {})
    guards = {name for name, scheme in schemes.items() if "x-amazon-apigateway-authorizer" in scheme}
    for path, item in body["paths"].items():
        for method, it in item.items():
            if method in METHODS:
                name = "ANY" if method.startswith("x-") else method.upper()
                # API Gateway ignores the document's own `security` (developer guide, "Important notes").
                private = any(name in guards for requirement in it.get("security", []) for name in requirement)
                yield Operation(name, path, it["x-amazon-apigateway-integration"], private)


def authorizers(api: Resource) -> Iterator[str]:
    """Return the URIs of a document's authorizers."""
    for scheme in json.loads(api["body"]).get("components", {}).get("securitySchemes", {}).values():
        if authorizer := scheme.get("x-amazon-apigateway-authorizer"):
            yield authorizer["authorizerUri"]


def _api(paths: Mapping[str, Any], **schemes: Any) -> Resource:
    """Return an example API. Resources in the document become their ARNs."""
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
    "api-can-invoke-functions",
    "API Gateway can invoke a function only if the function's policy allows it: otherwise every call returns 500.",
    on=[REST_API_DOCUMENT],
    violating=[
        [PROXY, CALLED],
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **{**MAY, "principal": "s3.amazonaws.com"})],
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **{**MAY, "sourceArn": "arn:api/*/PUT/menu"})],
        [_authorized_by(LIVE), LIVE, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **MAY)],
    ],
    compliant=[
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
def api_can_invoke_functions(api: Resource, stack: Stack) -> Iterator[str]:
    """Every function or alias that the API invokes has a permission for the route, or as the authorizer."""
    called = [(it.integration["uri"], f"api/stage/{it.method}{it.path}") for it in operations(api) if _proxies(it)]
    called += [(uri, "api/authorizers/id") for uri in authorizers(api)]
    targets = {each["invokeArn"]: each for each in stack.sources(api, "body", FUNCTION, ALIAS)}
    for uri, source in called:
        if uri not in targets:
            continue
        target = targets[uri]
        permissions = stack.users(target, FUNCTION_PERMISSION, "function" if target.type == FUNCTION else "qualifier")
        if not any(
            each["principal"] == "apigateway.amazonaws.com" and matches(f"*{_suffix(each)}", source)
            for each in permissions
        ):
            where = source.removeprefix("api/").removeprefix("stage/")
            yield f"cannot invoke {target.name} for {where}: add a `Permission` for apigateway.amazonaws.com"


def _proxies(operation: Operation) -> bool:
    return str(operation.integration["type"]).lower() == "aws_proxy"


def _suffix(permission: Resource) -> str:
    """Return the part of the API that a permission covers: `/*/GET/orders`."""
    return str(permission["sourceArn"]).partition("/")[1] + str(permission["sourceArn"]).partition("/")[2]


@stack_rule(
    "api-can-send-to-queues",
    "API Gateway sends to a queue with the integration's role: without a grant, every request returns 500.",
    on=[REST_API_DOCUMENT],
    violating=[
        [_api(_route("post", "/menu", type="aws", uri=TAKING)), TAKING],
        [_api(_route("post", "/menu", type="aws", uri=TAKING, credentials=SENDER)), TAKING, SENDER],
    ],
    compliant=[
        [_api(_route("post", "/menu", type="aws", uri=TAKING, credentials=SENDER)), TAKING, SENDER, SENDING],
    ],
)
def api_can_send_to_queues(api: Resource, stack: Stack) -> Iterator[str]:
    """An integration with a queue has a role that can send to it."""
    found = list(operations(api))  # first: raises here if a preview does not know the document
    roles = {role["arn"]: role for role in stack.sources(api, "body", ROLE)}
    queues = {queue["name"]: queue for queue in stack.sources(api, "body", QUEUE)}
    for operation in found:
        queue = queues.get(str(operation.integration.get("uri", "")).rpartition("/")[2])
        if operation.integration["type"].lower() != "aws" or queue is None:
            continue
        role = roles.get(operation.integration.get("credentials", ""))
        policies = stack.users(role, ROLE_POLICY, "role") if role else []
        may = [statement for policy in policies for statement in statements(policy["policy"])]
        if not permits(may, "sqs:SendMessage", queue["arn"]):
            yield f"cannot send to {queue.name}: set `credentials` to a role with sqs:SendMessage on {queue['arn']}"


@rule(
    "function-permissions-name-their-source",
    "A permission without a source lets any account's API, bucket or topic invoke the function.",
    on=[FUNCTION_PERMISSION],
    violating=[
        [example(FUNCTION_PERMISSION, principal="apigateway.amazonaws.com")],
        [example(FUNCTION_PERMISSION, **{**MAY, "principal": "*"})],
    ],
    compliant=[[example(FUNCTION_PERMISSION, **MAY)]],
)
def function_permissions_name_their_source(permission: Resource) -> Iterator[str]:
    """A permission to invoke a function names the service and the source resource."""
    if permission["principal"] == "*":
        yield "lets everyone invoke the function: name the service in `principal`"
    if not permission.get("sourceArn"):
        yield f"lets {permission['principal']} invoke the function for any resource: set `sourceArn`"


@rule(
    "routes-require-a-token",
    "A route that requires no token exposes every customer's orders to everyone.",
    on=[REST_API_DOCUMENT],
    violating=[
        [_api(_route("get", "/orders", type="aws_proxy"))],
        [_api(_route("put", "/authenticate", type="aws_proxy"))],
        [_api(_route("x-amazon-apigateway-any-method", "/orders", type="aws_proxy"))],
        [_api(_route("post", "/orders/queued", type="aws"))],
        # A scheme without an authorizer checks nothing.
        [_api(_route("get", "/orders", type="aws_proxy", private=True))],
    ],
    compliant=[
        [_api(_route("post", "/authenticate", type="aws_proxy"))],
        [_api(_route("options", "/orders", type="mock"))],
        [_api(_route("get", "/orders", type="aws_proxy", private=True), token={"x-amazon-apigateway-authorizer": {}})],
    ],
)
def routes_require_a_token(api: Resource) -> Iterator[str]:
    """An operation without a token is in `PUBLIC_ROUTES`, or API Gateway answers it itself, or the function does that
    rejects unknown paths."""
    rejects = [it.integration for it in operations(api) if (it.method, it.path) == ("ANY", "/{proxy+}")]
    for it in operations(api):
        is_rejection = it.integration["type"].lower() == "mock" or (it.method == "ANY" and it.integration in rejects)
        if not it.private and not is_rejection and (it.method, it.path) not in PUBLIC_ROUTES:
            yield f"leaves {it.method} {it.path} open: add `security`, or give a reason in `PUBLIC_ROUTES`"


@stack_rule(
    "requests-are-throttled",
    "A caller in a loop should get a 429, not use up the account's concurrency and raise the bill.",
    on=[STAGE],
    violating=[[STAGED], _settings(throttlingRateLimit=-1)],
    compliant=[_settings()],
)
def requests_are_throttled(stage: Resource, stack: Stack) -> Iterator[str]:
    """A stage has a rate limit and a burst limit for all methods."""
    limits = [
        settings["settings"].get(limit) or -1
        for settings in stack.users(stage, METHOD_SETTINGS, "stageName")
        if settings["methodPath"] == "*/*"
        for limit in ("throttlingRateLimit", "throttlingBurstLimit")
    ]
    # -1 means the account's limit, which all APIs share.
    if not limits or min(limits) < 0:
        yield "has no throttling limits: set both in `MethodSettings` for `*/*`"


@rule(
    "request-bodies-are-not-logged",
    "API Gateway's data trace logs whole requests, with tokens, passwords and addresses.",
    on=[METHOD_SETTINGS],
    violating=[_settings(dataTraceEnabled=True)[1:]],
    compliant=[_settings()[1:]],
)
def request_bodies_are_not_logged(settings: Resource) -> Iterator[str]:
    """Data tracing is off."""
    if settings["settings"].get("dataTraceEnabled"):
        yield "logs whole requests: remove `dataTraceEnabled`"


@rule(
    "access-logs-hold-no-personal-data",
    "Troubleshooting needs a log line for each request, but not the customer's identity.",
    on=[STAGE],
    violating=[[STAGED], [_access_log("$context.requestId $context.path")]],
    compliant=[[_access_log("$context.requestId $context.resourcePath")]],
)
def access_logs_hold_no_personal_data(stage: Resource) -> Iterator[str]:
    """A stage logs each request, without data that identifies the caller."""
    settings = stage.get("accessLogSettings")
    if not settings:
        yield "has no access log: set `accessLogSettings`"
    elif personal := [each for each in PERSONAL if each in settings["format"]]:
        yield f"logs personal data: remove {', '.join(personal)} from the format"
