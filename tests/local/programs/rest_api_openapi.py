"""A REST API that is made from an OpenAPI document."""

import json

import pulumi
import pulumi_aws as aws
from common import CHANGED, allow, function

hello = function("hello", "hello")
path = "/welcome" if CHANGED else "/hello"
body = hello.invoke_arn.apply(
    lambda uri: json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "hello", "version": "1.0"},
            "paths": {
                path: {
                    "get": {
                        "responses": {"200": {"description": "It says hello."}},
                        "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri},
                    }
                }
            },
        }
    )
)
api = aws.apigateway.RestApi("api", body=body)
allow("api", hello, "apigateway.amazonaws.com", pulumi.Output.concat(api.execution_arn, "/*"))
deployment = aws.apigateway.Deployment("api", rest_api=api.id, triggers={"body": body})
stage = aws.apigateway.Stage("api", rest_api=api.id, deployment=deployment.id, stage_name="v1")
pulumi.export("url", pulumi.Output.concat(stage.invoke_url, path))
