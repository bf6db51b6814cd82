"""What API Gateway answers by itself, as problem documents and with CORS headers, like the functions' own answers."""

import json
from http import HTTPStatus
from typing import NamedTuple

from lambdas.http import CORS_HEADERS, RETRY_AFTER_SECONDS

PROBLEM_HEADERS = {"Content-Type": "application/problem+json", **CORS_HEADERS}


def problem(status: HTTPStatus, detail: str) -> str:
    """A problem document."""
    return json.dumps({"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail})


class GatewayResponse(NamedTuple):
    """One of API Gateway's response types, and how it is answered."""

    type: str
    status: HTTPStatus
    detail: str

    def template(self) -> str:
        """The body."""
        return problem(self.status, self.detail)

    def parameters(self) -> dict[str, str]:
        """The headers, in API Gateway's notation."""
        headers = dict(PROBLEM_HEADERS)
        if self.status is HTTPStatus.TOO_MANY_REQUESTS:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}


UNAUTHORIZED = "The request needs a valid token in the header `Authorization`."
FORBIDDEN = "This token does not allow that."

GATEWAY_RESPONSES = (
    GatewayResponse("DEFAULT_4XX", HTTPStatus.BAD_REQUEST, "The request is not as it should be."),
    GatewayResponse("DEFAULT_5XX", HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side."),
    GatewayResponse("BAD_REQUEST_BODY", HTTPStatus.BAD_REQUEST, "The body does not match the schema of this request."),
    GatewayResponse("BAD_REQUEST_PARAMETERS", HTTPStatus.BAD_REQUEST, "A parameter is missing or wrong."),
    GatewayResponse("UNAUTHORIZED", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    GatewayResponse("EXPIRED_TOKEN", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    GatewayResponse("INVALID_SIGNATURE", HTTPStatus.UNAUTHORIZED, UNAUTHORIZED),
    GatewayResponse("ACCESS_DENIED", HTTPStatus.FORBIDDEN, FORBIDDEN),
    GatewayResponse("INVALID_API_KEY", HTTPStatus.FORBIDDEN, FORBIDDEN),
    GatewayResponse("WAF_FILTERED", HTTPStatus.FORBIDDEN, FORBIDDEN),
    # API Gateway's own name for "there is no such route".
    GatewayResponse("MISSING_AUTHENTICATION_TOKEN", HTTPStatus.NOT_FOUND, "There is nothing here under this method."),
    GatewayResponse("RESOURCE_NOT_FOUND", HTTPStatus.NOT_FOUND, "There is nothing here under this method."),
    GatewayResponse("REQUEST_TOO_LARGE", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    GatewayResponse("UNSUPPORTED_MEDIA_TYPE", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send `application/json`."),
    GatewayResponse("THROTTLED", HTTPStatus.TOO_MANY_REQUESTS, "There are too many requests. Try again in a moment."),
    GatewayResponse("QUOTA_EXCEEDED", HTTPStatus.TOO_MANY_REQUESTS, "There are too many requests. Try again later."),
    GatewayResponse("INTEGRATION_FAILURE", HTTPStatus.BAD_GATEWAY, "Something went wrong on our side."),
    GatewayResponse("INTEGRATION_TIMEOUT", HTTPStatus.GATEWAY_TIMEOUT, "The answer took too long. Try again."),
)
