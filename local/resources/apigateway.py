"""API Gateway's REST APIs."""

from typing import Any

from local.aws import Aws
from local.resources.registry import Made, Planned, creates


def _call(aws: Aws, operation: str, planned: Planned, **renamed: str) -> Any:
    """Call an operation with all inputs: most have the same names here and there, `renamed` says which have not."""
    names = {"restApi": "restApiId", **renamed}
    inputs = planned.inputs
    parameters = {names.get(key, key): inputs[key] for key in inputs if inputs[key] is not None}
    return getattr(aws.client("apigateway"), operation)(**parameters)


@creates("aws:apigateway/restApi:RestApi")
def rest_api(aws: Aws, planned: Planned) -> Made:
    """An API."""
    client = aws.client("apigateway")
    name = planned.physical_name()
    endpoint = planned.inputs.get("endpointConfiguration") or {"types": "EDGE"}
    api = client.create_rest_api(name=name, endpointConfiguration={"types": [endpoint["types"]]})
    root = client.get_resources(restApiId=api["id"])["items"][0]["id"]
    outputs = {"name": name, "rootResourceId": root, "executionArn": aws.arn("execute-api", api["id"])}
    return Made(api["id"], outputs)


@creates("aws:apigateway/resource:Resource")
def resource(aws: Aws, planned: Planned) -> Made:
    """A segment of a path."""
    answer = _call(aws, "create_resource", planned)
    return Made(answer["id"], {"path": answer["path"]})


@creates("aws:apigateway/method:Method")
def method(aws: Aws, planned: Planned) -> Made:
    """A method on a path."""
    _call(aws, "put_method", planned, authorization="authorizationType")
    return Made(planned.name, {})


@creates("aws:apigateway/integration:Integration")
def integration(aws: Aws, planned: Planned) -> Made:
    """What a method leads to."""
    _call(aws, "put_integration", planned)
    return Made(planned.name, {})


@creates("aws:apigateway/methodResponse:MethodResponse")
def method_response(aws: Aws, planned: Planned) -> Made:
    """An answer that a method may give."""
    _call(aws, "put_method_response", planned)
    return Made(planned.name, {})


@creates("aws:apigateway/integrationResponse:IntegrationResponse")
def integration_response(aws: Aws, planned: Planned) -> Made:
    """How an answer comes about."""
    _call(aws, "put_integration_response", planned)
    return Made(planned.name, {})


@creates("aws:apigateway/authorizer:Authorizer")
def authorizer(aws: Aws, planned: Planned) -> Made:
    """A function that says who may call."""
    answer = _call(aws, "create_authorizer", planned)
    return Made(answer["id"], {})


@creates("aws:apigateway/model:Model")
def model(aws: Aws, planned: Planned) -> Made:
    """The schema of a body."""
    answer = _call(aws, "create_model", planned)
    return Made(answer["id"], {})


@creates("aws:apigateway/requestValidator:RequestValidator")
def request_validator(aws: Aws, planned: Planned) -> Made:
    """What of a request is checked."""
    answer = _call(aws, "create_request_validator", planned)
    return Made(answer["id"], {})


@creates("aws:apigateway/response:Response")
def gateway_response(aws: Aws, planned: Planned) -> Made:
    """What the gateway answers by itself."""
    _call(aws, "put_gateway_response", planned)
    return Made(f"aggr-{planned.inputs['restApiId']}-{planned.inputs['responseType']}", {})


@creates("aws:apigateway/deployment:Deployment")
def deployment(aws: Aws, planned: Planned) -> Made:
    """The API as it stands now. `triggers` are Pulumi's: they say when it is made anew."""
    planned.inputs.get("triggers")
    answer = aws.client("apigateway").create_deployment(restApiId=planned.inputs["restApi"])
    return Made(answer["id"], {})


@creates("aws:apigateway/stage:Stage")
def stage(aws: Aws, planned: Planned) -> Made:
    """A deployment under a name, with its access log."""
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
    return Made(f"ags-{api}-{name}", {})


@creates("aws:apigateway/methodSettings:MethodSettings")
def method_settings(aws: Aws, planned: Planned) -> Made:
    """Throttling and metrics of a stage's methods."""
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
    return Made(f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}", {})


@creates("aws:apigateway/account:Account")
def account(aws: Aws, planned: Planned) -> Made:
    """The account's role for logs."""
    role = planned.inputs["cloudwatchRoleArn"]
    aws.client("apigateway").update_account(
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}]
    )
    return Made("api-gateway-account", {})


def _patch_stage(client: Any, api: str, name: str, changes: list[tuple[str, str]]) -> None:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in changes]
    client.update_stage(restApiId=api, stageName=name, patchOperations=operations)
