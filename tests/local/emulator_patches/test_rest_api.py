"""Imported APIs and their deployments on the emulator: a stage serves its deployment, not later imports, and an import
with unsupported content is refused."""

import copy
import itertools
import json

import httpx
import pytest
from botocore.exceptions import ClientError

from components.rest_api.gateway_document import Operation, document
from lambdas.orders.models import Move, Replacement
from lambdas.runtime.http import CORS_HEADERS

names = (f"api-{n}" for n in itertools.count())


def mock(text: str) -> dict:
    """A mock integration that answers with a text."""
    return {
        "type": "mock",
        "passthroughBehavior": "when_no_match",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": text}}},
    }


def described(*operations: Operation, **changes) -> dict:
    made = document("it", "it", operations, None, CORS_HEADERS)
    for methods in made["paths"].values():
        for operation in methods.values():
            for answer in operation["x-amazon-apigateway-integration"]["responses"].values():
                answer.setdefault("responseParameters", {})
    return {**made, **changes}


def get(path: str, text: str, **more) -> Operation:
    integration = mock(text)
    integration["responses"]["default"]["responseParameters"] = {}
    return Operation("GET", path, integration, private=False, **more)


class Api:
    """An API with a stage, created without Pulumi."""

    def __init__(self, aws, emulator, made):
        self.client = aws.client("apigateway")
        self.endpoint = emulator.endpoint
        self.id = self.client.create_rest_api(name=next(names))["id"]
        self.put(made)
        self.client.create_stage(restApiId=self.id, stageName="dev", deploymentId=self.deploy())

    def put(self, made, **parameters):
        return self.client.put_rest_api(
            restApiId=self.id, mode="overwrite", failOnWarnings=True, body=json.dumps(made).encode(), **parameters
        )

    def deploy(self):
        return self.client.create_deployment(restApiId=self.id)["id"]

    def serve(self, deployment):
        change = {"op": "replace", "path": "/deploymentId", "value": deployment}
        self.client.update_stage(restApiId=self.id, stageName="dev", patchOperations=[change])

    def ask(self, path, method="GET", **request):
        url = f"{self.endpoint}/_aws/execute-api/{self.id}/dev{path}"
        return httpx.request(method, url, trust_env=False, **request)

    def refusal(self, made):
        with pytest.raises(ClientError) as caught:
            self.put(made)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return caught.value.response["Error"]["Message"]


@pytest.fixture
def api(aws, emulator):
    return Api(aws, emulator, described(get("/a", "one"), get("/b/{id}", "two")))


CHANGES = {
    "a route is added": ([get("/a", "one"), get("/b/{id}", "two"), get("/c", "three")], {"/c": 200, "/a": 200}),
    "a route is removed": ([get("/a", "one")], {"/b/1": 404, "/a": 200}),
    "a parameter is renamed": ([get("/a", "one"), get("/b/{name}", "two")], {"/b/1": 200, "/a": 200}),
    "a path changes": ([get("/a", "one"), get("/d/{id}", "two")], {"/b/1": 404, "/d/1": 200}),
    "every route is removed": ([], {"/a": 404, "/b/1": 404}),
}


@pytest.mark.parametrize(("operations", "after"), CHANGES.values(), ids=CHANGES)
def test_an_import_takes_effect_only_with_the_next_deployment(api, operations, after):
    before = {path: api.ask(path).status_code for path in ("/a", "/b/1", "/c", "/d/1")}
    api.put(described(*operations))
    assert (
        before
        == {path: api.ask(path).status_code for path in before}
        == {"/a": 200, "/b/1": 200, "/c": 404, "/d/1": 404}
    )

    api.serve(api.deploy())

    assert {path: api.ask(path).status_code for path in after} == after


def test_a_response_changes_only_with_the_deployment(api):
    api.put(described(get("/a", "another")))
    assert api.ask("/a").text == "one"
    new = api.deploy()
    assert api.ask("/a").text == "one"
    api.serve(new)
    assert api.ask("/a").text == "another"


def test_a_stage_can_roll_back(aws, api):
    (stage,) = api.client.get_stages(restApiId=api.id)["item"]
    api.put(described(get("/a", "another")))
    api.serve(api.deploy())
    api.serve(stage["deploymentId"])

    assert (api.ask("/a").text, api.ask("/b/1").text) == ("one", "two")


def test_a_route_has_the_authorizer_of_its_deployment(api):
    made = described(get("/a", "one"))
    made["components"]["securitySchemes"]["token"] = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": "arn:aws:lambda:none"},
    }
    made["paths"]["/a"]["get"]["security"] = [{"token": []}]
    api.put(made)
    assert api.ask("/a").status_code == 200
    api.serve(api.deploy())
    assert api.ask("/a").status_code == 401


@pytest.mark.parametrize(("schema", "status"), [(Move, 400), (Replacement, 200)])
def test_a_body_is_validated_by_the_deployments_model(api, schema, status):
    def posted(body):
        return Operation("POST", "/a", get("/a", "taken").integration, private=False, body=body)

    body = {"items": [{"name": "Tea", "qty": 1}]}
    api.put(described(posted(Replacement)))
    api.serve(api.deploy())
    assert api.ask("/a", "POST", json=body).status_code == 200
    api.put(described(posted(schema)))
    assert api.ask("/a", "POST", json=body).status_code == 200
    api.serve(api.deploy())

    assert api.ask("/a", "POST", json=body).status_code == status


def test_an_import_keeps_the_api_and_root_ids_and_updates_name_and_description(api):
    def root():
        return next(it["id"] for it in api.client.get_resources(restApiId=api.id)["items"] if it["path"] == "/")

    before = root()
    answer = api.put(described(info={"title": "another", "description": "words", "version": "1"}))

    assert (answer["id"], answer["name"], answer["description"]) == (api.id, "another", "words")
    assert root() == before
    assert {it["path"] for it in api.client.get_resources(restApiId=api.id)["items"]} == {"/", "/{proxy+}"}


def test_an_import_resets_what_the_document_does_not_set(api):
    change = {"op": "add", "path": "/binaryMediaTypes/image~1png"}
    assert api.client.update_rest_api(restApiId=api.id, patchOperations=[change])["binaryMediaTypes"]

    api.put(described(get("/a", "one")))

    assert "binaryMediaTypes" not in api.client.get_rest_api(restApiId=api.id)


def test_gateway_responses_and_preflights_come_from_the_document(api):
    missing, preflight = api.ask("/nothing"), api.ask("/a", "OPTIONS")

    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "application/problem+json")
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Methods"]) == (204, "GET, OPTIONS")


def test_a_deployment_in_use_by_a_stage_is_not_deleted(api):
    (stage,) = api.client.get_stages(restApiId=api.id)["item"]
    with pytest.raises(ClientError, match="Active stages pointing to this deployment must be moved or deleted"):
        api.client.delete_deployment(restApiId=api.id, deploymentId=stage["deploymentId"])
    api.serve(api.deploy())
    api.client.delete_deployment(restApiId=api.id, deploymentId=stage["deploymentId"])

    assert api.ask("/a").status_code == 200


def changed(path, value):
    """A document with one value changed."""
    made = copy.deepcopy(described(get("/a", "one")))
    *above, last = path
    where = made
    for key in above:
        where = where[key]
    where[last] = value
    return made


OPERATION = ("paths", "/a", "get")
INTEGRATION = (*OPERATION, "x-amazon-apigateway-integration")

REFUSED = {
    "the document: unknown fields x-amazon-apigateway-policy": changed(["x-amazon-apigateway-policy"], {}),
    "the document: unknown fields security": changed(["security"], [{"token": []}]),
    "unknown extension 'x-amazon-apigateway-auth'": changed([*OPERATION, "x-amazon-apigateway-auth"], {}),
    "GET /a: unknown fields summary": changed([*OPERATION, "summary"], "A"),
    "GET /a: expected one security scheme, got [{}]": changed([*OPERATION, "security"], [{}]),
    "GET /a: expected the path parameters [], got [{'name': 'id', 'in': 'path'}]": changed(
        [*OPERATION, "parameters"], [{"name": "id", "in": "path"}]
    ),
    "the document is malformed: KeyError('paths')": {key: it for key, it in described().items() if key != "paths"},
    "GET /a: integration: unknown fields cacheKeyParameters": changed([*INTEGRATION, "cacheKeyParameters"], []),
    "GET /a: unknown integration type 'http'": changed([*INTEGRATION, "type"], "http"),
    "GET /a: unknown security scheme 'nobody'": changed([*OPERATION, "security"], [{"nobody": []}]),
    "GET /a: unknown request validator 'none'": changed([*OPERATION, "x-amazon-apigateway-request-validator"], "none"),
    "GET /a: no x-amazon-apigateway-integration": changed(OPERATION, {}),
    "/a: unknown key 'trace'": changed(["paths", "/a", "trace"], {}),
    "schema 'New Order': a model name may contain only letters and digits": changed(
        ["components", "schemas"], {"New Order": {}}
    ),
    "GET /a: the integration returns 200, which is not in `responses`": changed([*OPERATION, "responses"], {}),
    "GET /a: header 'ETag' of 200 is not in `responses`": changed(
        [*INTEGRATION, "responses", "default", "responseParameters"], {"method.response.header.ETag": "'x'"}
    ),
    "GET /a: expected the body's schema to be a reference to components": changed(
        [*OPERATION, "requestBody"], {"content": {"application/json": {"schema": {"type": "object"}}}}
    ),
    "expected an OpenAPI 3.0 document": changed(["openapi"], "3.1.0"),
    "Invalid gateway response type: TEAPOT": changed(["x-amazon-apigateway-gateway-responses"], {"TEAPOT": {}}),
}


@pytest.mark.parametrize(("message", "made"), REFUSED.items(), ids=REFUSED)
def test_unsupported_content_is_refused_by_name_and_changes_nothing(api, message, made):
    before = api.client.get_resources(restApiId=api.id)["items"]

    assert api.refusal(made) == message
    assert api.client.get_resources(restApiId=api.id)["items"] == before
    api.serve(api.deploy())
    assert (api.ask("/a").text, api.ask("/nothing").status_code) == ("one", 404)


def test_only_mode_overwrite_with_json_is_supported(api):
    with pytest.raises(ClientError, match="expected mode overwrite, got 'merge'"):
        api.client.put_rest_api(restApiId=api.id, mode="merge", body=json.dumps(described()).encode())
    with pytest.raises(ClientError, match="the document is not JSON"):
        api.client.put_rest_api(restApiId=api.id, mode="overwrite", body=b"openapi: 3.0.1")


def test_an_unknown_api_is_a_404(aws):
    with pytest.raises(ClientError, match="Invalid API identifier specified"):
        aws.client("apigateway").put_rest_api(restApiId="nothing", mode="overwrite", body=b"{}")
