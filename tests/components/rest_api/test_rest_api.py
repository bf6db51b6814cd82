"""The `RestApi` component: the document that it imports, and when it creates a deployment."""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.python_function import FunctionAddress, FunctionPlatform
from components.rest_api import gateway_document as document
from components.rest_api import gateway_models
from components.rest_api import gateway_responses as responses
from components.rest_api.rest_api import ApiRoute, QueueTarget, RestApi, RestApiRoutesArgs
from lambdas.orders.models import Move, Replacement
from tests.components.recorder import ACCOUNT, REGION, Recording, record

PLATFORM: FunctionPlatform = {"log_retention_days": 30, "metrics_namespace": "n"}


def function(name: str = "it") -> FunctionAddress:
    return {"name": name, "invoke_arn": f"arn:aws:apigateway:{REGION}:lambda:path/{name}"}


def queue(name: str) -> QueueTarget:
    return {
        "region": REGION,
        "partition": "aws",
        "account_id": ACCOUNT,
        "queue_name": name,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/sender",
    }


def recorded(
    routes: Sequence[ApiRoute], authorizer: FunctionAddress | None = None, *, preview: bool = False, **more: Any
) -> Recording:
    def program() -> None:
        args: RestApiRoutesArgs = {
            "routes": routes,
            "stage": {
                "name": "dev",
                "platform": PLATFORM,
                "throttling_rate_limit": 1,
                "throttling_burst_limit": 1,
                "manage_account_log_role": False,
            },
            **more,
        }
        if authorizer:
            args["authorizer"] = authorizer
        RestApi("api").serve(args)

    return record(program, preview=preview)


ROUTE = ApiRoute("PUT", "/orders/{id}", function(), private=False, body=Replacement)
PLAIN: list[ApiRoute] = [ROUTE]


def trigger(recording: Recording) -> str:
    (digest,) = recording.one(aws.apigateway.Deployment)["triggers"].values()
    return str(digest)


VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {"routes": PLAIN},
    "another route": {"routes": [ApiRoute("GET", "/menu", function(), private=False), *PLAIN]},
    "another method": {"routes": [ROUTE._replace(method="POST")]},
    "another path": {"routes": [ROUTE._replace(path="/orders/{number}")]},
    "another function": {"routes": [ROUTE._replace(target=function("another"))]},
    "another model": {"routes": [ROUTE._replace(body=Move)]},
    "no model": {"routes": [ROUTE._replace(body=None)]},
    "a private route": {"routes": [ROUTE._replace(private=True)], "authorizer": function("authorize")},
    "a shorter cache": {
        "routes": [ROUTE._replace(private=True)],
        "authorizer": function("authorize"),
        "authorizer_ttl_seconds": 60,
    },
    "a default function": {"routes": PLAIN, "default": function("default")},
    "a queue": {"routes": [ROUTE._replace(target=queue("one"))]},
    "another queue": {"routes": [ROUTE._replace(target=queue("another"))]},
    "other CORS headers": {"routes": PLAIN, "cors_headers": {"Access-Control-Allow-Origin": "https://a.example"}},
}


def test_a_deployment_is_created_only_when_the_document_changes() -> None:
    triggers = {name: trigger(recorded(**variant)) for name, variant in VARIANTS.items()}

    assert triggers == {name: trigger(recorded(**variant)) for name, variant in VARIANTS.items()}
    assert len(set(triggers.values())) == len(VARIANTS)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        (document, "GATEWAY_RESPONSES", responses.GATEWAY_RESPONSES[1:]),
        (document, "SEND_MESSAGE", "Action=SendMessage"),
        (document, "PREFLIGHT_HEADERS", {}),
        (gateway_models, "IGNORED_KEYWORDS", frozenset({"maxItems"})),
    ],
    ids=["gateway responses", "the queue's template", "preflight headers", "schemas"],
)
def test_every_part_of_the_document_triggers_a_deployment(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, value: object
) -> None:
    routes = [*PLAIN, ApiRoute("POST", "/queued", queue("one"), private=False, body=Replacement)]
    before = trigger(recorded(routes))
    monkeypatch.setattr(module, name, value)

    assert trigger(recorded(routes)) != before


def test_the_document_matches_the_apis_inputs() -> None:
    """An import in `overwrite` mode sets these from the document. A difference would be drift in every refresh."""
    recording = recorded(PLAIN)
    api = recording.one(aws.apigateway.RestApi)
    body = json.loads(recording.one(aws.apigateway.RestApiPut)["body"])

    assert body["info"]["title"] == api.outputs["name"]
    assert body["info"]["description"] == api["description"]
    assert body["x-amazon-apigateway-api-key-source"] == api["apiKeySource"]
    # Settings that neither sets keep their defaults.
    assert not {"binaryMediaTypes", "minimumCompressionSize", "policy"} & api.inputs.keys()
    assert not {name for name in body if name.endswith(("media-types", "compression-size", "policy", "configuration"))}
    # An edge-optimized API would put a second CDN behind the site's.
    assert api["endpointConfiguration"] == {"types": "REGIONAL"}


def test_a_warning_fails_the_import_and_documentation_is_ignored() -> None:
    put = recorded(PLAIN).one(aws.apigateway.RestApiPut)

    assert put["failOnWarnings"] is True
    assert put["parameters"] == {"ignore": "documentation"}
    assert "triggers" not in put.inputs


def test_the_deployment_depends_on_the_import() -> None:
    recording = recorded(PLAIN)

    assert recording.one(aws.apigateway.RestApiPut) in list(
        recording.dependencies_of(recording.one(aws.apigateway.Deployment))
    )


def test_no_route_goes_live_before_api_gateway_may_invoke_it() -> None:
    recording = recorded(PLAIN, function("authorizer"))
    deployment = recording.one(aws.apigateway.Deployment)

    assert {it.urn for it in recording.of(aws.lambda_.Permission)} <= {
        it.urn for it in recording.dependencies_of(deployment)
    }


def test_a_private_route_needs_an_authorizer() -> None:
    with pytest.raises(ValueError, match=r"^PUT /orders/{id}: a private route needs an authorizer; "):
        recorded([ROUTE._replace(private=True)])


def test_a_first_preview_shows_the_same_resources_with_an_unknown_document() -> None:
    preview, update = recorded(PLAIN, preview=True), recorded(PLAIN)

    assert isinstance(preview.one(aws.apigateway.RestApiPut)["body"], pulumi.output.Unknown)
    assert [str(it) for it in preview.resources] == [str(it) for it in update.resources]


def test_permissions_are_limited_to_routes_and_the_authorizer() -> None:
    recording = recorded([ROUTE._replace(private=True)], function("authorize"))
    arn = recording.one(aws.apigateway.RestApi).outputs["executionArn"]

    assert {(it["function"], it["sourceArn"], it["principal"]) for it in recording.of(aws.lambda_.Permission)} == {
        ("it", f"{arn}/*/PUT/orders/*", "apigateway.amazonaws.com"),
        ("authorize", f"{arn}/authorizers/*", "apigateway.amazonaws.com"),
    }


def test_a_permission_names_the_alias() -> None:
    address: FunctionAddress = {**function(), "qualifier": "live"}

    assert recorded([ROUTE._replace(target=address)]).one(aws.lambda_.Permission)["qualifier"] == "live"
