"""A secret, and a function that reads it."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, function

VALUE = "changed" if CHANGED else "secret-value"

secret = aws.secretsmanager.Secret("key", description="An API key", recovery_window_in_days=0)
aws.secretsmanager.SecretVersion("key", secret_id=secret.id, secret_string=VALUE)
reader = function(
    "reader",
    "secret",
    {"Action": "secretsmanager:GetSecretValue", "Resource": secret.arn},
    environment={"variables": {"SECRET": secret.arn}},
)
pulumi.export("function", reader.name)
pulumi.export("value", VALUE)
