"""The policy that API Gateway keeps for a token: every route that its holder may call, and no other."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lambdas.api.routes import ROUTES, Route
from lambdas.runtime.caller import DELETE_SCOPE, Caller

METHOD_ARN = re.compile(r"(?P<api>arn:[\w-]+:execute-api:[\w-]+:\d{12}:[a-z0-9]+)/(?P<stage>[\w-]+)/.*", re.DOTALL)


def policy(caller: Caller, method_arn: str) -> dict[str, Any]:
    """The authorizer's answer. It is right for all routes of the stage, because it is cached for the token and not for
    the one that was asked for."""
    match = METHOD_ARN.fullmatch(method_arn)
    if match is None:
        raise ValueError(f"not the ARN of a method: {method_arn!r}")
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
    """The private routes that are open to the caller."""
    for route in ROUTES:
        if route.access == "signed-in" or (route.access == "delete-scope" and DELETE_SCOPE in caller.scopes):
            yield route


def paths(route: Route, caller: Caller) -> set[str]:
    """The route's paths for this caller, as a policy's patterns.

    A name is percent-encoded, so that no character of it can act as a wildcard or as a separator. A few that a client
    may send either way are given both ways.
    """
    names = {"*"} if caller.is_staff else {quote(caller.name, safe=""), quote(caller.name, safe="@+=,")}
    return {route.path.replace("{customer}", name).replace("{id}", "*") for name in names}
