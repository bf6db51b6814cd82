"""A function with its own address, and a layer."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, function

layer = aws.lambda_.LayerVersion(
    "settings",
    layer_name="settings",
    code=pulumi.AssetArchive({"python/settings.py": pulumi.StringAsset(f"CHANGED = {CHANGED}")}),
    compatible_runtimes=["python3.11"],
)
hello = function("hello", "hello", layers=[layer.arn])
url = aws.lambda_.FunctionUrl("hello", function_name=hello.name, authorization_type="NONE")
aws.lambda_.Permission(
    "anyone",
    action="lambda:InvokeFunctionUrl",
    function=hello.name,
    principal="*",
    function_url_auth_type="NONE",
)
pulumi.export("url", url.function_url)
