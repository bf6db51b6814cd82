"""The policy that API Gateway caches for a token: all routes that the caller may call."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lambdas.api.routes import ROUTES, Route
from lambdas.runtime.caller import DELETE_SCOPE, Caller

METHOD_ARN = re.compile(r"(?P<api>arn:[\w-]+:execute-api:[\w-]+:\d{12}:[a-z0-9]+)/(?P<stage>[\w-]+)/.*", re.DOTALL)


def policy(caller: Caller, method_arn: str) -> dict[str, Any]:
    """The authorizer's response. It covers all routes of the stage, because API Gateway caches it per token, not per
    route."""
    match = METHOD_ARN.fullmatch(method_arn)
    if match is None:
        raise ValueError(f"not a method ARN: {method_arn!r}")
    stage = f"{match['api']}/{match['stage']}"
    resources = sorted({f"{stage}/{route.method}{path}" for route in allowed(caller) for path in paths(route, caller)})
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resources}
    return {
        "principalId": caller.name,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {
            "customer": caller.name,
            "groups": " ".join(sorted(caller.groups)),
            "scopes": " ".join(sorted(caller.scopes)),
        },
    }


def allowed(caller: Caller) -> Iterator[Route]:
    """The routes that the caller's token allows."""
    has = {
        "signed-in": not caller.is_display,
        "account": caller.has_account,
        "delete-scope": DELETE_SCOPE in caller.scopes,
        "staff": caller.is_staff,
        "display": caller.is_display or caller.is_staff,
    }
    for route in ROUTES:
        # Routes for anyone have no authorizer.
        if has.get(route.access):
            yield route


def paths(route: Route, caller: Caller) -> set[str]:
    """The route's paths for this caller, as policy patterns.

    The name is percent-encoded, so none of its characters can act as a wildcard or separator. Characters that clients
    may send encoded or plain are listed both ways.

    API Gateway also finds a route with a trailing slash, but its ARN then has that slash, too. The functions answer
    such a request with a 404, which says more than the 403 of a policy that does not list it.
    """
    names = {"*"} if caller.is_staff else {quote(caller.name, safe=""), quote(caller.name, safe="@+=,")}
    found = {re.sub(r"\{\w+\}", "*", route.path.replace("{customer}", name)) for name in names}
    return found | {f"{path}/" for path in found if route.function and not path.endswith("*")}
