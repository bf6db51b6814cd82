"""The responses that API Gateway itself generates: problem documents with CORS headers, like the functions'
responses."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""Lets pages of any origin read a response."""

TITLES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large"}
"""Phrases that differ between Python versions. The document must not: a different one would be deployed."""

RETRY_AFTER_SECONDS = 1
"""How long a throttled client waits before it retries."""


def problem(status: HTTPStatus, detail: str) -> str:
    """A problem document (RFC 9457)."""
    title = TITLES.get(status, status.phrase)
    return json.dumps({"type": "about:blank", "title": title, "status": int(status), "detail": detail})


def problem_headers(cors_headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a problem document."""
    return {"Content-Type": "application/problem+json", **cors_headers}


class GatewayResponse(NamedTuple):
    """A response type of API Gateway, with its status and detail."""

    type: str
    status: HTTPStatus
    detail: str

    def document(self, cors_headers: Mapping[str, str]) -> dict[str, Any]:
        """The response in the format of `x-amazon-apigateway-gateway-responses`."""
        headers = problem_headers(cors_headers)
        if self.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return {
            "statusCode": int(self.status),
            "responseParameters": {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()},
            "responseTemplates": {"application/json": problem(self.status, self.detail)},
        }


UNAUTHORIZED = "The request needs a valid token in the header `Authorization`."
UNVERIFIED = "The token could not be verified. Try again in a moment."
FORBIDDEN = "This token does not allow that."
NOT_FOUND = "Not found."
INTERNAL_ERROR = "Something went wrong on our side."

GATEWAY_RESPONSES = (
    GatewayResponse("DEFAULT_4XX", HTTPStatus.BAD_REQUEST, "Invalid request."),
    GatewayResponse("DEFAULT_5XX", HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_ERROR),
    # The variable fits into a JSON string: API Gateway escapes it.
    GatewayResponse(
        "BAD_REQUEST_BODY",
        HTTPStatus.BAD_REQUEST,
        "The body does not match the schema of this request: $context.error.validationErrorString",
    ),
    GatewayResponse("UNAUTHORIZED", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    # The authorizer failed, timed out or was throttled; API Gateway uses either type.
    GatewayResponse("AUTHORIZER_FAILURE", HTTPStatus.SERVICE_UNAVAILABLE, UNVERIFIED),
    GatewayResponse("AUTHORIZER_CONFIGURATION_ERROR", HTTPStatus.SERVICE_UNAVAILABLE, UNVERIFIED),
    GatewayResponse("EXPIRED_TOKEN", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    GatewayResponse("INVALID_SIGNATURE", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    GatewayResponse("ACCESS_DENIED", HTTPStatus.FORBIDDEN, FORBIDDEN),
    GatewayResponse("WAF_FILTERED", HTTPStatus.FORBIDDEN, "The firewall refused this request."),
    GatewayResponse("MISSING_AUTHENTICATION_TOKEN", HTTPStatus.NOT_FOUND, NOT_FOUND),
    GatewayResponse("RESOURCE_NOT_FOUND", HTTPStatus.NOT_FOUND, NOT_FOUND),
    # API Gateway does not apply this one yet, but its own (API Gateway developer guide, "Important notes").
    GatewayResponse("REQUEST_TOO_LARGE", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    GatewayResponse("UNSUPPORTED_MEDIA_TYPE", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send `application/json`."),
    GatewayResponse("THROTTLED", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Try again in a moment."),
    GatewayResponse("INTEGRATION_FAILURE", HTTPStatus.BAD_GATEWAY, INTERNAL_ERROR),
    GatewayResponse("INTEGRATION_TIMEOUT", HTTPStatus.GATEWAY_TIMEOUT, "The response took too long. Try again."),
)
