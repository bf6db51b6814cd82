"""Makes the event of a request to the café's API, for `invoke`."""

import argparse
import json
import re
import uuid
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from ..emulator_client import ACCOUNT_ID, Aws
from ..errors import UserError
from ..functions import Function
from .seed import PASSWORD, api_client


class RequestOf(NamedTuple):
    """A request to the API: who sends it, the method, the path with a query, and the body."""

    user: str | None
    method: str
    path: str
    body: str | None


def request_of(args: argparse.Namespace) -> RequestOf | None:
    """The request in the arguments of `invoke`, if any. Raises `UserError`."""
    if args.path is not None:
        method = args.method or ("GET" if args.body is None else "POST")
        return RequestOf(args.user, method.upper(), args.path, args.body)
    if args.user or args.method or args.body is not None:
        raise UserError("--as, --method and --body belong to a request: name its --path, such as /orders")
    return None


def api_event(aws: Aws, outputs: dict[str, Any], function: Function, request: RequestOf) -> dict[str, Any]:
    """The event of a request that API Gateway passes to a function, with what its authorizer says of the user.

    Raises `UserError` for a request that goes to another function.
    """
    address = urlsplit(outputs["apiUrl"])
    api, stage = address.netloc.partition(".")[0], address.path.strip("/")
    path, query = (
        f"/{urlsplit(request.path).path.strip('/')}",
        parse_qs(urlsplit(request.path).query, keep_blank_values=True),
    )
    resource, parameters = _resource(aws, api, function, request.method, path)
    headers = {"Accept": "application/json", "Content-Type": "application/json", "Host": address.netloc}
    context: dict[str, Any] = {
        "accountId": ACCOUNT_ID,
        "apiId": api,
        "httpMethod": request.method,
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "local invoke"},
        "path": f"/{stage}{path}",
        "requestId": str(uuid.uuid4()),
        "resourcePath": resource,
        "stage": stage,
    }
    if request.user:
        headers["Authorization"] = f"Bearer {_token(outputs, request.user)}"
        method = aws.arn("execute-api", f"{api}/{stage}/{request.method}{path}")
        context["authorizer"] = _authorized(aws, api, headers["Authorization"], method)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": context,
        "body": request.body,
        "isBase64Encoded": False,
    }


def _resource(aws: Aws, api: str, function: Function, method: str, path: str) -> tuple[str, dict[str, str]]:
    """The API's resource for a path, and the path's parameters."""
    answer = aws.client("apigateway").get_resources(restApiId=api, limit=500, embed=["methods"])
    taken = []
    for resource in answer["items"]:
        for name, about in resource.get("resourceMethods", {}).items():
            if f":{function.name}" not in about.get("methodIntegration", {}).get("uri", ""):
                continue
            taken.append(f"{name} {resource['path']}")
            pattern = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", resource["path"])
            if name == method and (found := re.fullmatch(pattern, path)):
                return resource["path"], found.groupdict()
    raise UserError(f"{method} {path} does not call {function.module}; it takes {', '.join(taken) or 'no requests'}")


def _token(outputs: dict[str, Any], user: str) -> str:
    """The access token of a user, by the name before the `@`."""
    with api_client(outputs["apiUrl"], urlsplit(outputs["apiUrl"]).port or 0) as client:
        answer = client.post("authenticate", json={"username": f"{user}@example.com", "password": PASSWORD})
    if not answer.is_success:
        raise UserError(f"--as {user}: {answer.json().get('detail')}")
    return str(answer.json()["token"])


def _authorized(aws: Aws, api: str, authorization: str, method: str) -> Any:
    """What the API's authorizer says of a token."""
    [authorizer] = aws.client("apigateway").get_authorizers(restApiId=api)["items"]
    name = authorizer["authorizerUri"].partition("/functions/")[2].removesuffix("/invocations")
    event = {"type": "TOKEN", "authorizationToken": authorization, "methodArn": method}
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.load(answer["Payload"]).get("context")
