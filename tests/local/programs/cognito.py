"""A user pool with a client, a domain, a resource server and a group, and an identity pool."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

pool = aws.cognito.UserPool(
    "users",
    username_attributes=["email"],
    auto_verified_attributes=["email"],
    password_policy={"minimum_length": 14 if CHANGED else 12, "require_lowercase": True},
)
server = aws.cognito.ResourceServer(
    "api",
    identifier="api",
    name="api",
    user_pool_id=pool.id,
    scopes=[{"scope_name": "read", "scope_description": "Read everything"}],
)
client = aws.cognito.UserPoolClient(
    "web",
    user_pool_id=pool.id,
    explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
)
aws.cognito.UserPoolDomain("domain", domain="compatibility-example", user_pool_id=pool.id)
aws.cognito.UserGroup("staff", name="staff", user_pool_id=pool.id)
pulumi.export("pool", pool.id)
pulumi.export("client", client.id)
