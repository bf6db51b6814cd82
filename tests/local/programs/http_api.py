"""An HTTP API with a route to a function."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, function

hello = function("hello", "hello")
api = aws.apigatewayv2.Api(
    "api",
    protocol_type="HTTP",
    cors_configuration={"allow_origins": ["*"], "allow_methods": ["GET"], "max_age": 600 if CHANGED else 300},
)
integration = aws.apigatewayv2.Integration(
    "hello",
    api_id=api.id,
    integration_type="AWS_PROXY",
    integration_uri=hello.arn,
    payload_format_version="2.0",
)
aws.apigatewayv2.Route(
    "hello",
    api_id=api.id,
    route_key="GET /welcome" if CHANGED else "GET /hello",
    target=integration.id.apply(lambda it: f"integrations/{it}"),
)
aws.apigatewayv2.Stage("default", api_id=api.id, name="$default", auto_deploy=True)
allow("api", hello, "apigateway.amazonaws.com", pulumi.Output.concat(api.execution_arn, "/*"))
pulumi.export("url", pulumi.Output.concat(api.api_endpoint, "/welcome" if CHANGED else "/hello"))
