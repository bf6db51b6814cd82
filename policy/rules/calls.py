"""How requests come in: who may call what, and how often. The emulator asks for none of these permissions."""

from collections.abc import Iterator
from typing import Any

from policy.documents import document, permits
from policy.kinds import (
    ALIAS,
    API_RESOURCE,
    AUTHORIZER,
    FUNCTION,
    FUNCTION_PERMISSION,
    INTEGRATION,
    LOG_GROUP,
    METHOD,
    METHOD_SETTINGS,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    STAGE,
)
from policy.rule import Example, Resource, Stack, example, rule, stack_rule
from policy.rules.grants import granted

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

CALLED = example(FUNCTION, "called")
LIVE = example(ALIAS, "live", functionName=CALLED)
PROXY = example(INTEGRATION, type="AWS_PROXY", uri=CALLED)
MAY: dict[str, Any] = {"principal": "apigateway.amazonaws.com", "sourceArn": "arn:aws:execute-api:r:1:api/*/GET/menu"}
SENDER = example(ROLE, "sender")
TAKING = example(QUEUE, "taking", arn="arn:taking")
SENDING = example(
    ROLE_POLICY,
    role=SENDER,
    policy=document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:taking"}),
)
ORDERS = example(API_RESOURCE, "orders", pathPart="orders")
SIGNING_IN = example(API_RESOURCE, "authenticate", pathPart="authenticate")
STAGED = example(STAGE, "stage")


def _method(verb: str, where: Resource, answered: str) -> Example:
    method = example(METHOD, httpMethod=verb, resourceId=where, authorization="NONE")
    return [method, where, example(INTEGRATION, httpMethod=verb, resourceId=where, type=answered)]


def _settings(**settings: object) -> Example:
    limits = {"throttlingRateLimit": 200, "throttlingBurstLimit": 400}
    return [STAGED, example(METHOD_SETTINGS, stageName=STAGED, methodPath="*/*", settings={**limits, **settings})]


def _access_log(format: str) -> Resource:
    log = example(LOG_GROUP, "log")
    return example(STAGE, accessLogSettings={"destinationArn": log, "format": format})


@stack_rule(
    "the-gateway-may-call",
    "API Gateway calls a function only where the function's own policy lets it: without that every call is a 500.",
    on=[INTEGRATION, AUTHORIZER],
    refused=[
        [PROXY, CALLED],
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **{**MAY, "principal": "s3.amazonaws.com"})],
        [
            example(AUTHORIZER, authorizerUri=LIVE),
            *(LIVE, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **MAY)),
        ],
    ],
    accepted=[
        [PROXY, CALLED, example(FUNCTION_PERMISSION, function=CALLED, **MAY)],
        [
            example(AUTHORIZER, authorizerUri=LIVE),
            *(LIVE, CALLED, example(FUNCTION_PERMISSION, function=CALLED, qualifier=LIVE, **MAY)),
        ],
    ],
)
def the_gateway_may_call(resource: Resource, stack: Stack) -> Iterator[str]:
    """Whatever function or alias the API calls has a permission for API Gateway."""
    for target in stack.behind(resource, "uri" if resource.type == INTEGRATION else "authorizerUri", FUNCTION, ALIAS):
        named = "function" if target.type == FUNCTION else "qualifier"
        permissions = stack.using(target, FUNCTION_PERMISSION, named)
        if not any(each["principal"] == "apigateway.amazonaws.com" for each in permissions):
            yield f"calls {target.name} without permission: add a `Permission` for apigateway.amazonaws.com"


@stack_rule(
    "the-gateway-may-send",
    "API Gateway sends to a queue with the integration's own role: without its grant every request is a 500.",
    on=[INTEGRATION],
    refused=[
        [example(INTEGRATION, type="AWS", uri=TAKING), TAKING],
        [example(INTEGRATION, type="AWS", uri=TAKING, credentials=SENDER), TAKING, SENDER],
    ],
    accepted=[[example(INTEGRATION, type="AWS", uri=TAKING, credentials=SENDER), TAKING, SENDER, SENDING]],
)
def the_gateway_may_send(integration: Resource, stack: Stack) -> Iterator[str]:
    """An integration with a queue has a role that may send to it."""
    for queue in stack.behind(integration, "uri", QUEUE):
        may = granted(integration, "credentials", stack)
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


@stack_rule(
    "routes-are-private",
    "A route that forgets to ask for a token shows everybody's orders to everybody.",
    on=[METHOD],
    refused=[_method("GET", ORDERS, "AWS_PROXY"), _method("PUT", SIGNING_IN, "AWS_PROXY")],
    accepted=[
        _method("POST", SIGNING_IN, "AWS_PROXY"),
        _method("OPTIONS", ORDERS, "MOCK"),
        [example(METHOD, httpMethod="GET", resourceId=ORDERS, authorization="CUSTOM"), ORDERS],
    ],
)
def routes_are_private(method: Resource, stack: Stack) -> Iterator[str]:
    """A method that asks nobody is in `OPEN`, or the gateway answers it itself."""
    if method["authorization"] != "NONE":
        return
    mocked = any(
        integration.get("type") == "MOCK"
        and integration["httpMethod"] == method["httpMethod"]
        and set(integration.comes_from.get("resourceId", ())) & set(method.comes_from.get("resourceId", ()))
        for integration in stack.of(INTEGRATION)
    )
    route = (method["httpMethod"], _path(method, "resourceId", stack))
    if not mocked and route not in OPEN:
        yield f"leaves {' '.join(route)} open: set `authorizerId`, or say in `OPEN` why nobody is asked"


def _path(resource: Resource, name: str, stack: Stack) -> str:
    parents = stack.behind(resource, name, API_RESOURCE)
    return "".join(f"{_path(parent, 'parentId', stack)}/{parent['pathPart']}" for parent in parents)


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
