import json
from http import HTTPStatus

import pytest

from components.gateway_responses import GATEWAY_RESPONSES, GatewayResponse
from lambdas.http import CORS_HEADERS

TYPES = {
    *("ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"),
    *("BAD_REQUEST_PARAMETERS", "BAD_REQUEST_BODY", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN"),
    *("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE"),
    *("MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED"),
    *("UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"),
}
"""What API Gateway knows (developer guide, "Gateway response types for API Gateway")."""

CONTRACT = {
    "BAD_REQUEST_BODY": 400,
    "UNAUTHORIZED": 401,
    "EXPIRED_TOKEN": 401,
    "ACCESS_DENIED": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "REQUEST_TOO_LARGE": 413,
    "THROTTLED": 429,
}


def by_type(response: GatewayResponse) -> str:
    return response.type


def test_types_are_api_gateways_and_each_is_there_once() -> None:
    types = [response.type for response in GATEWAY_RESPONSES]

    assert set(types) <= TYPES
    assert len(set(types)) == len(types)


@pytest.mark.parametrize(("type", "status"), CONTRACT.items())
def test_statuses(type: str, status: int) -> None:
    assert {response.type: response.status for response in GATEWAY_RESPONSES}[type] == status


@pytest.mark.parametrize("response", GATEWAY_RESPONSES, ids=by_type)
def test_body_is_a_problem_document(response: GatewayResponse) -> None:
    assert json.loads(response.template()) == {
        "type": "about:blank",
        "title": response.status.phrase,
        "status": int(response.status),
        "detail": response.detail,
    }


@pytest.mark.parametrize("response", GATEWAY_RESPONSES, ids=by_type)
def test_body_is_text_that_the_gateway_does_not_read_as_a_template(response: GatewayResponse) -> None:
    # `$` and `#` begin references and directives there.
    assert not {"$", "#"} & set(response.template())


@pytest.mark.parametrize("response", GATEWAY_RESPONSES, ids=by_type)
def test_headers_are_constants_and_those_of_the_functions(response: GatewayResponse) -> None:
    headers = response.parameters()

    assert all(value[0] == value[-1] == "'" and "'" not in value[1:-1] for value in headers.values())
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    for name, value in CORS_HEADERS.items():
        assert headers[f"gatewayresponse.header.{name}"] == f"'{value}'"


@pytest.mark.parametrize("response", GATEWAY_RESPONSES, ids=by_type)
def test_only_a_throttled_caller_is_told_when_to_come_back(response: GatewayResponse) -> None:
    told = "gatewayresponse.header.Retry-After" in response.parameters()

    assert told == (response.status is HTTPStatus.TOO_MANY_REQUESTS)
