"""API Gateway REST APIs."""

from typing import Any

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:apigateway/restApi:RestApi")
def rest_api(aws: Aws, planned: Planned) -> Created:
    """Create a REST API, without routes."""
    client = aws.client("apigateway")
    name = planned.physical_name()
    endpoint = planned.inputs.get("endpointConfiguration") or {"types": "EDGE"}
    api = client.create_rest_api(
        name=name,
        endpointConfiguration={"types": [endpoint["types"]]},
        **planned.inputs.only(description="description", apiKeySource="apiKeySource"),
    )
    root = client.get_resources(restApiId=api["id"])["items"][0]["id"]
    outputs = {"name": name, "rootResourceId": root, "executionArn": aws.arn("execute-api", api["id"])}
    return Created(api["id"], outputs)


@creates("aws:apigateway/restApiPut:RestApiPut")
def rest_api_put(aws: Aws, planned: Planned) -> Created:
    """Import an API's routes from an OpenAPI document."""
    inputs = planned.inputs
    aws.client("apigateway").put_rest_api(
        restApiId=inputs["restApiId"],
        mode="overwrite",
        body=inputs["body"].encode(),
        **inputs.only(failOnWarnings="failOnWarnings", parameters="parameters"),
    )
    return Created(inputs["restApiId"], {})


@creates("aws:apigateway/deployment:Deployment")
def deployment(aws: Aws, planned: Planned) -> Created:
    """Deploy the current API. `triggers` concern only Pulumi: they cause a replacement."""
    planned.inputs.get("triggers")
    answer = aws.client("apigateway").create_deployment(restApiId=planned.inputs["restApi"])
    return Created(answer["id"], {})


@creates("aws:apigateway/stage:Stage")
def stage(aws: Aws, planned: Planned) -> Created:
    """Create a stage for a deployment, with its access log."""
    inputs, client = planned.inputs, aws.client("apigateway")
    api, name = inputs["restApi"], inputs["stageName"]
    client.create_stage(
        restApiId=api,
        stageName=name,
        deploymentId=inputs["deployment"],
        **inputs.only(xrayTracingEnabled="tracingEnabled"),
    )
    if log := inputs.get("accessLogSettings"):
        changes = [
            ("/accessLogSettings/destinationArn", log["destinationArn"]),
            ("/accessLogSettings/format", log["format"]),
        ]
        _patch_stage(client, api, name, changes)
    return Created(f"ags-{api}-{name}", {})


@creates("aws:apigateway/methodSettings:MethodSettings")
def method_settings(aws: Aws, planned: Planned) -> Created:
    """Set the throttling and metrics of a stage's methods."""
    inputs = planned.inputs
    paths = {
        "throttlingRateLimit": "throttling/rateLimit",
        "throttlingBurstLimit": "throttling/burstLimit",
        "metricsEnabled": "metrics/enabled",
    }
    changes = [
        (f"/{inputs['methodPath']}/{paths[key]}", str(value).lower() if isinstance(value, bool) else str(value))
        for key, value in inputs["settings"].items()
        if value is not None
    ]
    _patch_stage(aws.client("apigateway"), inputs["restApi"], inputs["stageName"], changes)
    return Created(f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}", {})


@creates("aws:apigateway/account:Account")
def account(aws: Aws, planned: Planned) -> Created:
    """Set the account's role for CloudWatch Logs."""
    role = planned.inputs["cloudwatchRoleArn"]
    aws.client("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    return Created("api-gateway-account", {})


def _patch_stage(client: Any, api: str, name: str, changes: list[tuple[str, str]]) -> None:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in changes]
    client.update_stage(restApiId=api, stageName=name, patchOperations=operations)
