"""The identity pool: temporary AWS credentials that let users upload large photos in parts with an SDK."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..auth_layer import AuthLayer
from ..blocks.iam import allow, document

PROVIDER = "cognito-identity.amazonaws.com"
OWN_KEYS = f"/identities/${{{PROVIDER}:sub}}/*"
"""The identity's own keys in the bucket. IAM inserts the identity's ID at each request (IAM user guide, "Policy
variables")."""

UPLOAD_ACTIONS = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
"""Actions to upload in parts, and to resume an upload."""


class PhotoIdentitiesArgs(TypedDict):
    """Inputs of `PhotoIdentities`."""

    auth: AuthLayer
    """Sign-in of the pool's users."""

    boundary_arn: pulumi.Input[str] | None
    """ARN of the permissions boundary of the users' role, if any."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket that they may upload to."""


class PhotoIdentities(pulumi.ComponentResource):
    """An identity pool for signed-in users, and their role."""

    pool_id: pulumi.Output[str]

    def __init__(self, name: str, args: PhotoIdentitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PhotoIdentities", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        auth = args["auth"]
        pool = aws.cognito.IdentityPool(
            f"{name}-pool",
            identity_pool_name=name,
            allow_unauthenticated_identities=False,
            cognito_identity_providers=[
                {
                    "client_id": auth.client_id,
                    "provider_name": auth.user_pool_endpoint,
                    # Users who signed out globally get no more credentials.
                    "server_side_token_check": True,
                }
            ],
            opts=child,
        )
        role = aws.iam.Role(
            f"{name}-role",
            description="Uploads a user's own photos",
            assume_role_policy=_trust(pool.id),
            permissions_boundary=args["boundary_arn"],
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.id,
            policy=document(
                allow({"actions": UPLOAD_ACTIONS, "resources": [pulumi.Output.concat(args["bucket_arn"], OWN_KEYS)]})
            ),
            opts=child,
        )
        aws.cognito.IdentityPoolRoleAttachment(
            f"{name}-roles", identity_pool_id=pool.id, roles={"authenticated": role.arn}, opts=child
        )
        self.pool_id = pool.id
        self.register_outputs({"pool_id": self.pool_id})


def _trust(pool_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """The trust policy that allows only signed-in users of this pool."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{PROVIDER}:aud": pool_id},
                "ForAnyValue:StringLike": {f"{PROVIDER}:amr": "authenticated"},
            },
        }
    )
