"""A WebSocket API with a function for its connections and messages."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, noting

handler = noting("handler")
api = aws.apigatewayv2.Api("api", protocol_type="WEBSOCKET", route_selection_expression="$request.body.action")
integration = aws.apigatewayv2.Integration(
    "handler", api_id=api.id, integration_type="AWS_PROXY", integration_uri=handler.invoke_arn
)
for name in ("$connect", "$disconnect", "$default", *(["said"] if CHANGED else [])):
    aws.apigatewayv2.Route(
        name.strip("$"),
        api_id=api.id,
        route_key=name,
        target=integration.id.apply(lambda it: f"integrations/{it}"),
    )
aws.apigatewayv2.Stage("dev", api_id=api.id, name="dev", auto_deploy=True)
allow("api", handler, "apigateway.amazonaws.com", pulumi.Output.concat(api.execution_arn, "/*"))
pulumi.export("endpoint", api.api_endpoint)
