"""API Gateway REST APIs."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from ..emulator_client import Aws
from ..errors import UserError
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:apigateway/restApi:RestApi")
class RestApi(Provider):
    """A REST API, without routes."""

    name = "name"

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        client = aws.client("apigateway")
        endpoint = inputs.get("endpointConfiguration") or {"types": "EDGE"}
        inputs.get("putRestApiMode")  # concerns the body
        api = client.create_rest_api(
            name=inputs["name"],
            endpointConfiguration={"types": [endpoint["types"]]},
            **inputs.only(description="description", apiKeySource="apiKeySource"),
        )
        root = client.get_resources(restApiId=api["id"])["items"][0]["id"]
        return Created(api["id"], {"rootResourceId": root, "executionArn": aws.arn("execute-api", api["id"])})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # The emulator cannot change the endpoint's type.
        changes = [
            ("/name", inputs["name"]),
            ("/description", inputs.get("description") or ""),
            ("/apiKeySource", inputs.get("apiKeySource") or "HEADER"),
        ]
        aws.client("apigateway").update_rest_api(restApiId=existing.id, patchOperations=_replacements(changes))
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        if body := inputs.get("body"):
            mode = inputs.get("putRestApiMode") or "overwrite"
            aws.client("apigateway").put_rest_api(restApiId=id, mode=mode, body=body.encode())

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("apigateway").delete_rest_api(restApiId=existing.id)


@provides("aws:apigateway/restApiPut:RestApiPut")
class RestApiPut(Provider):
    """An API's routes, imported from an OpenAPI document, which replaces those before."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        aws.client("apigateway").put_rest_api(
            restApiId=inputs["restApiId"],
            mode="overwrite",
            body=inputs["body"].encode(),
            **inputs.only(failOnWarnings="failOnWarnings", parameters="parameters"),
        )
        return Created(inputs["restApiId"], {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        """Do nothing: the routes end with their API."""


@provides("aws:apigateway/apiKey:ApiKey")
class ApiKey(Provider):
    """An API key whose value API Gateway generates."""

    name = "name"
    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("apigateway").create_api_key(name=inputs["name"], **inputs.only(description="description"))
        return Created(made["id"], {"value": made["value"]})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("apigateway").delete_api_key(apiKey=existing.id)


@provides("aws:apigateway/deployment:Deployment")
class Deployment(Provider):
    """A copy of the current API. `triggers` concern only Pulumi: they cause a replacement."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        inputs.get("triggers")
        description = inputs.only(description="description")
        return Created(aws.client("apigateway").create_deployment(restApiId=inputs["restApi"], **description)["id"], {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("apigateway").delete_deployment(restApiId=existing.inputs["restApi"], deploymentId=existing.id)


@provides("aws:apigateway/stage:Stage")
class Stage(Provider):
    """A stage for a deployment, with its access log."""

    replace_on = frozenset({"restApi", "stageName"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        api, name = inputs["restApi"], inputs["stageName"]
        aws.client("apigateway").create_stage(restApiId=api, stageName=name, deploymentId=inputs["deployment"])
        port = urlsplit(aws.endpoint).port
        outputs = {
            "invokeUrl": f"http://{api}.execute-api.localhost:{port}/{name}",
            "executionArn": aws.arn("execute-api", f"{api}/{name}"),
            "arn": f"arn:aws:apigateway:{aws.region}::/restapis/{api}/stages/{name}",
        }
        return Created(f"ags-{api}-{name}", outputs)

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        _patch_stage(aws, inputs, _replacements([("/deploymentId", inputs["deployment"])]))
        if existing.inputs.get("accessLogSettings") and not inputs.get("accessLogSettings"):
            _patch_stage(aws, inputs, [{"op": "remove", "path": "/accessLogSettings"}])
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        changes = [("/tracingEnabled", inputs.get("xrayTracingEnabled", False))]
        if log := inputs.get("accessLogSettings"):
            changes += [(f"/accessLogSettings/{key}", log[key]) for key in ("destinationArn", "format")]
        _patch_stage(aws, inputs, _replacements(changes))

    def delete(self, aws: Aws, existing: Existing) -> None:
        api, name = existing.inputs["restApi"], existing.inputs["stageName"]
        aws.client("apigateway").delete_stage(restApiId=api, stageName=name)


METHOD_SETTINGS: dict[str, tuple[str, Any]] = {
    "throttlingRateLimit": ("throttling/rateLimit", -1),
    "throttlingBurstLimit": ("throttling/burstLimit", -1),
    "metricsEnabled": ("metrics/enabled", False),
}
"""Paths and defaults of the settings of a stage's methods, by input; -1 means no limit."""


@provides("aws:apigateway/methodSettings:MethodSettings")
class MethodSettings(Provider):
    """The throttling and metrics of a stage's methods."""

    replace_on = frozenset({"restApi", "stageName", "methodPath"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        path, settings = inputs["methodPath"], inputs["settings"]
        if unsupported := settings.keys() - METHOD_SETTINGS.keys():
            raise UserError(f"the local run does not support the method settings {', '.join(sorted(unsupported))}")
        changes = [(f"/{path}/{name}", settings.get(key, default)) for key, (name, default) in METHOD_SETTINGS.items()]
        _patch_stage(aws, inputs, _replacements(changes))
        return Created(f"{inputs['restApi']}-{inputs['stageName']}-{path}", {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        operation = {"op": "remove", "path": f"/{existing.inputs['methodPath']}"}
        _patch_stage(aws, Inputs(existing.inputs), [operation])


@provides("aws:apigateway/account:Account")
class Account(Provider):
    """The account's role for CloudWatch Logs."""

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        _set_log_role(aws, inputs["cloudwatchRoleArn"])
        return Created("api-gateway-account", {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        _set_log_role(aws, "")


def _set_log_role(aws: Aws, role: str) -> None:
    aws.client("apigateway").update_account(patchOperations=_replacements([("/cloudwatchRoleArn", role)]))


def _patch_stage(aws: Aws, inputs: Inputs, operations: list[dict[str, str]]) -> None:
    aws.client("apigateway").update_stage(
        restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=operations
    )


def _replacements(changes: Iterable[tuple[str, Any]]) -> list[dict[str, str]]:
    """Patch operations that set values, by path."""
    return [
        {"op": "replace", "path": path, "value": str(value).lower() if isinstance(value, bool) else str(value)}
        for path, value in changes
    ]
