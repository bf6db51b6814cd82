"""API Gateway's HTTP and WebSocket APIs."""

from urllib.parse import urlsplit

from ..emulator_client import Aws
from .described import Described, described
from .provider import PROVIDERS, Created, Inputs

API = {"ApiId": "{apiId}"}


class Api(Described):
    """An API. The emulator serves WebSocket connections without TLS, too."""

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        created = super().create(aws, inputs)
        return Created(created.id, {**created.outputs, "apiEndpoint": _endpoint(aws, created.id)})


class Stage(Described):
    """A stage, with its address."""

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        created = super().create(aws, inputs)
        path = "" if created.id == "$default" else created.id
        return Created(created.id, {**created.outputs, "invokeUrl": f"{_endpoint(aws, inputs['apiId'])}/{path}"})


def _endpoint(aws: Aws, api: str) -> str:
    found = aws.client("apigatewayv2").get_api(ApiId=api)
    scheme = "ws" if found["ProtocolType"] == "WEBSOCKET" else "http"
    return f"{scheme}://{api}.execute-api.localhost:{urlsplit(aws.endpoint).port}"


PROVIDERS["aws:apigatewayv2/api:Api"] = Api(
    *("apigatewayv2", "create_api", "delete_api"),
    id="{ApiId}",
    key={"ApiId": "{id}"},
    update="update_api",
    outputs={
        "arn": "arn:aws:apigateway:{region}::/apis/{ApiId}",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{ApiId}",
    },
    name="name",
    replace_on={"protocolType", "target", "routeKey", "credentialsArn"},
)
PROVIDERS["aws:apigatewayv2/stage:Stage"] = Stage(
    *("apigatewayv2", "create_stage", "delete_stage"),
    id="{StageName}",
    key={**API, "StageName": "{id}"},
    update="update_stage",
    outputs={"executionArn": "arn:aws:execute-api:{region}:{account}:{apiId}/{StageName}"},
    renamed={"name": "StageName"},
    name="name",
    replace_on={"apiId", "name"},
)
described(
    "aws:apigatewayv2/integration:Integration",
    *("apigatewayv2", "create_integration", "delete_integration"),
    id="{IntegrationId}",
    key={**API, "IntegrationId": "{id}"},
    update="update_integration",
    renamed={"timeoutMilliseconds": "TimeoutInMillis"},
    replace_on={"apiId", "integrationType"},
)
described(
    "aws:apigatewayv2/route:Route",
    *("apigatewayv2", "create_route", "delete_route"),
    id="{RouteId}",
    key={**API, "RouteId": "{id}"},
    update="update_route",
    replace_on={"apiId"},
)
described(
    "aws:apigatewayv2/authorizer:Authorizer",
    *("apigatewayv2", "create_authorizer", "delete_authorizer"),
    id="{AuthorizerId}",
    key={**API, "AuthorizerId": "{id}"},
    update="update_authorizer",
    renamed={"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
    name="name",
    replace_on={"apiId"},
)
described(
    "aws:apigatewayv2/deployment:Deployment",
    *("apigatewayv2", "create_deployment", "delete_deployment"),
    id="{DeploymentId}",
    key={**API, "DeploymentId": "{id}"},
    only_here={"triggers"},
)
