"""Requests that no route matches."""

import json

import pytest

from lambdas.api.routes import ROUTES
from lambdas.default_route import handler
from tests.lambdas.builders import api_event


@pytest.fixture
def answered(context):
    def call(resource, path, method="TRACE"):
        response = handler({**api_event(method, path), "resource": resource}, context)
        return response["statusCode"], response["headers"], response["body"]

    return call


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_another_method_of_a_known_path_is_a_405_with_its_methods(answered, path):
    status, headers, body = answered(path, path)

    assert status == json.loads(body)["status"] == 405
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Allow"].split(", ") == sorted({"OPTIONS", *(it.method for it in ROUTES if it.path == path)})
    assert headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("resource", "path"), [("/", "/"), ("/{proxy+}", "/nothing"), ("/{proxy+}", "/nothing/")])
def test_an_unknown_path_is_a_404(answered, resource, path):
    status, headers, body = answered(resource, path)

    assert status == json.loads(body)["status"] == 404
    assert "Allow" not in headers


def test_the_root_is_not_reported_as_a_path_with_a_slash_too_many(answered):
    assert json.loads(answered("/", "/")[2])["detail"] == "Not found."


def test_a_head_request_gets_no_body(answered):
    assert answered("/authenticate", "/authenticate", "HEAD")[2] == ""
