"""A REST API whose method takes the tokens of a user pool."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, function

pool = aws.cognito.UserPool("users", auto_verified_attributes=["email"])
hello = function("hello", "hello")
api = aws.apigateway.RestApi("api", description="Changed" if CHANGED else "For users")
authorizer = aws.apigateway.Authorizer(
    "users", rest_api=api.id, type="COGNITO_USER_POOLS", provider_arns=[pool.arn], name="users"
)
method = aws.apigateway.Method(
    "get",
    rest_api=api.id,
    resource_id=api.root_resource_id,
    http_method="GET",
    authorization="COGNITO_USER_POOLS",
    authorizer_id=authorizer.id,
)
integration = aws.apigateway.Integration(
    "get",
    rest_api=api.id,
    resource_id=api.root_resource_id,
    http_method=method.http_method,
    integration_http_method="POST",
    type="AWS_PROXY",
    uri=hello.invoke_arn,
)
allow("api", hello, "apigateway.amazonaws.com", pulumi.Output.concat(api.execution_arn, "/*"))
deployment = aws.apigateway.Deployment("api", rest_api=api.id, opts=pulumi.ResourceOptions(depends_on=[integration]))
stage = aws.apigateway.Stage("api", rest_api=api.id, deployment=deployment.id, stage_name="v1")
pulumi.export("url", pulumi.Output.concat(stage.invoke_url, "/"))
