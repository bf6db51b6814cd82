"""A parameter, and a function that reads it."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, function

VALUE = "changed" if CHANGED else "hello"

parameter = aws.ssm.Parameter("greeting", name="/app/greeting", type="String", value=VALUE)
account, region = aws.get_caller_identity().account_id, aws.get_region().region
reader = function(
    "reader",
    "parameter",
    {"Action": "ssm:GetParameter", "Resource": f"arn:aws:ssm:{region}:{account}:parameter/app/greeting"},
    environment={"variables": {"PARAMETER": parameter.name}},
)
pulumi.export("function", reader.name)
pulumi.export("value", VALUE)
