import json

import pytest

from components.rest_api.gateway_responses import GATEWAY_RESPONSES, TITLES, GatewayResponse
from lambdas.runtime.http import CORS_HEADERS

TYPES = {
    *("ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"),
    *("BAD_REQUEST_PARAMETERS", "BAD_REQUEST_BODY", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN"),
    *("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE"),
    *("MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED"),
    *("UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"),
}
"""The response types of API Gateway (developer guide, "Gateway response types for API Gateway")."""

CONTRACT = {
    "BAD_REQUEST_BODY": 400,
    "UNAUTHORIZED": 401,
    "EXPIRED_TOKEN": 401,
    "ACCESS_DENIED": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "REQUEST_TOO_LARGE": 413,
    "THROTTLED": 429,
    "AUTHORIZER_FAILURE": 503,
    "AUTHORIZER_CONFIGURATION_ERROR": 503,
}


def test_types_are_valid_and_unique() -> None:
    types = [response.type for response in GATEWAY_RESPONSES]

    assert set(types) <= TYPES
    assert len(set(types)) == len(types)


@pytest.mark.parametrize(("type", "status"), CONTRACT.items())
def test_statuses(type: str, status: int) -> None:
    assert {response.type: response.status for response in GATEWAY_RESPONSES}[type] == status


def templates() -> dict[str, str]:
    return {it.type: it.document(CORS_HEADERS)["responseTemplates"]["application/json"] for it in GATEWAY_RESPONSES}


def test_every_body_is_a_problem_document() -> None:
    assert {name: json.loads(text) for name, text in templates().items()} == {
        it.type: {
            "type": "about:blank",
            "title": TITLES.get(it.status, it.status.phrase),
            "status": int(it.status),
            "detail": it.detail,
        }
        for it in GATEWAY_RESPONSES
    }


def test_bodies_contain_no_template_syntax() -> None:
    # In templates, `$` starts a reference and `#` a directive.
    said = {name: text.replace("$context.error.validationErrorString", "") for name, text in templates().items()}

    assert [name for name, text in said.items() if {"$", "#"} & set(text)] == []


def test_a_refused_body_is_explained() -> None:
    """Inside a JSON string, where API Gateway escapes the validator's message."""
    explained = [name for name, text in templates().items() if ': $context.error.validationErrorString"' in text]

    assert explained == ["BAD_REQUEST_BODY"]


@pytest.mark.parametrize("response", GATEWAY_RESPONSES, ids=lambda it: it.type)
def test_headers_are_those_of_the_functions(response: GatewayResponse) -> None:
    described = response.document(CORS_HEADERS)
    headers = {name.removeprefix("gatewayresponse.header."): it for name, it in described["responseParameters"].items()}
    retry_after = {"Retry-After": "'1'"} if response.status in (429, 503) else {}

    assert described["statusCode"] == response.status
    assert headers == {
        "Content-Type": "'application/problem+json'",
        **{name: f"'{value}'" for name, value in CORS_HEADERS.items()},
        **retry_after,
    }
