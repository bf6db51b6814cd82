"""When the API is deployed anew: when, and only when, its definition has changed."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest

from components import rest_api
from components.gateway_responses import GATEWAY_RESPONSES
from components.python_function import FunctionAddress, PythonFunction
from components.rest_api import RestApi
from lambdas.orders.models import Move, NewOrder, Replacement
from tests.components.recorder import ACCOUNT, REGION, Recording, record

Build = Callable[[RestApi, FunctionAddress], None]


def recorded(build: Build, code: str = "pass") -> Recording:
    """An API with one function behind it, deployed."""

    def program() -> None:
        function = PythonFunction(
            "function",
            {
                "platform": {
                    "code": pulumi.AssetArchive({"lambdas/get_order.py": pulumi.StringAsset(code)}),
                    "layers": [],
                    "log_retention_days": 30,
                    "metrics_namespace": "n",
                },
                "boundary_arn": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
                "module": "lambdas.get_order",
                "description": "Gets an order",
            },
        )
        api = RestApi("api")
        build(api, function.address)
        api.deployment()

    return record(program)


def trigger(build: Build, code: str = "pass") -> str:
    triggers = recorded(build, code).one(aws.apigateway.Deployment)["triggers"]
    assert triggers
    return str(triggers)


def plain(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("PUT", "/orders/{id}", function, body=Replacement)


def with_another_route(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("GET", "/menu", function)
    plain(api, function)


def with_another_method(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("POST", "/orders/{id}", function, body=Replacement)


def with_another_path(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("PUT", "/orders/{number}", function, body=Replacement)


def with_another_model(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("PUT", "/orders/{id}", function, body=Move)


def without_a_model(api: RestApi, function: FunctionAddress) -> None:
    api.add_function_route("PUT", "/orders/{id}", function)


def with_an_authorizer(api: RestApi, function: FunctionAddress) -> None:
    authorizer_id = api.add_authorizer(function, 300)
    api.add_function_route("PUT", "/orders/{id}", function, body=Replacement, authorizer_id=authorizer_id)


def with_a_shorter_authorizer(api: RestApi, function: FunctionAddress) -> None:
    authorizer_id = api.add_authorizer(function, 60)
    api.add_function_route("PUT", "/orders/{id}", function, body=Replacement, authorizer_id=authorizer_id)


def into(queue_name: str) -> Build:
    def build(api: RestApi, function: FunctionAddress) -> None:
        api.add_queue_route(
            "PUT",
            "/orders/{id}",
            {
                "region": REGION,
                "account_id": ACCOUNT,
                "queue_name": queue_name,
                "role_arn": f"arn:aws:iam::{ACCOUNT}:role/sender",
            },
            body=Replacement,
            authorizer_id="abc",
        )

    return build


VARIANTS = {
    "plain": plain,
    "another route": with_another_route,
    "another method": with_another_method,
    "another path": with_another_path,
    "another model": with_another_model,
    "no model": without_a_model,
    "an authorizer": with_an_authorizer,
    "a shorter authorizer": with_a_shorter_authorizer,
    "a queue": into("queue"),
    "another queue": into("another"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_equal_definition_is_not_deployed_again(variant: str) -> None:
    assert trigger(VARIANTS[variant]) == trigger(VARIANTS[variant])


def test_every_difference_is_deployed() -> None:
    triggers = {name: trigger(build) for name, build in VARIANTS.items()}

    assert len(set(triggers.values())) == len(VARIANTS)


def test_new_code_is_not_deployed_by_the_gateway() -> None:
    assert trigger(plain, "pass") == trigger(plain, "raise SystemExit")


def test_another_schema_under_the_same_name_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = trigger(plain)
    monkeypatch.setattr(rest_api, "json_schema", lambda body: '{"type": "object"}')

    assert trigger(plain) != before


@pytest.mark.parametrize(
    "responses",
    [
        GATEWAY_RESPONSES[1:],
        (GATEWAY_RESPONSES[0]._replace(detail="Something else."), *GATEWAY_RESPONSES[1:]),
    ],
    ids=["one less", "another text"],
)
def test_another_gateway_response_is_deployed(monkeypatch: pytest.MonkeyPatch, responses: object) -> None:
    before = trigger(plain)
    monkeypatch.setattr(rest_api, "GATEWAY_RESPONSES", responses)

    assert trigger(plain) != before


def test_another_cors_header_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = trigger(plain)
    monkeypatch.setitem(rest_api.PREFLIGHT_HEADERS, "Access-Control-Max-Age", "1")

    assert trigger(plain) != before


def test_another_integration_template_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = trigger(into("queue"))
    monkeypatch.setattr(rest_api, "SEND_MESSAGE", "Action=SendMessage")

    assert trigger(into("queue")) != before


def test_resources_and_models_are_made_once() -> None:
    def build(api: RestApi, function: FunctionAddress) -> None:
        api.add_function_route("POST", "/orders", function, body=NewOrder)
        api.add_function_route("PUT", "/orders/{customer}/{id}", function, body=NewOrder)
        api.add_function_route("GET", "/orders/{customer}/{id}", function)

    recording = recorded(build)

    parts = [resource["pathPart"] for resource in recording.of(aws.apigateway.Resource)]
    # `{proxy+}` is where preflights of paths end up that are not there.
    assert sorted(parts) == ["orders", "{customer}", "{id}", "{proxy+}"]
    assert [model["name"] for model in recording.of(aws.apigateway.Model)] == ["NewOrder"]


def test_a_private_api_is_not_reached_through_the_old_edge() -> None:
    # An edge-optimised API would put a second CDN behind the site's own.
    assert recorded(plain).one(aws.apigateway.RestApi)["endpointConfiguration"] == {"types": "REGIONAL"}
