"""A REST API with a resource, a method and an integration, and a function."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, function

hello = function("hello", "hello", environment={"variables": {"NAME": "café" if CHANGED else "world"}})
api = aws.apigateway.RestApi("api", description="Says hello", endpoint_configuration={"types": "REGIONAL"})
resource = aws.apigateway.Resource("hello", rest_api=api.id, parent_id=api.root_resource_id, path_part="hello")
method = aws.apigateway.Method("get", rest_api=api.id, resource_id=resource.id, http_method="GET", authorization="NONE")
integration = aws.apigateway.Integration(
    "get",
    rest_api=api.id,
    resource_id=resource.id,
    http_method=method.http_method,
    integration_http_method="POST",
    type="AWS_PROXY",
    uri=hello.invoke_arn,
)
allow("api", hello, "apigateway.amazonaws.com", pulumi.Output.concat(api.execution_arn, "/*"))
deployment = aws.apigateway.Deployment(
    "api",
    rest_api=api.id,
    triggers={"redeployment": json.dumps(["hello", CHANGED])},
    opts=pulumi.ResourceOptions(depends_on=[integration]),
)
stage = aws.apigateway.Stage("api", rest_api=api.id, deployment=deployment.id, stage_name="v1")
pulumi.export("url", pulumi.Output.concat(stage.invoke_url, "/hello"))
