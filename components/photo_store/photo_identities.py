"""The identity pool: temporary AWS credentials for users, with which an SDK uploads large photos in parts."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..auth_layer import AuthLayer
from ..blocks.iam import allow, document

PROVIDER = "cognito-identity.amazonaws.com"
OWN_PLACE = f"/identities/${{{PROVIDER}:sub}}/*"
"""In the bucket: the identity's own keys. IAM puts the identity's id there at each request (IAM user guide, "Policy
variables")."""

UPLOADING = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
"""What it takes to upload in parts, and to go on with it after a break."""


class PhotoIdentitiesArgs(TypedDict):
    """Inputs of `PhotoIdentities`."""

    auth: AuthLayer
    """Sign-in: whose users these are."""

    boundary_arn: pulumi.Input[str] | None
    """The permissions boundary of the users' role, if it has one."""

    bucket_arn: pulumi.Input[str]
    """Where they may upload."""


class PhotoIdentities(pulumi.ComponentResource):
    """An identity pool for signed-in users, and the one role that they have."""

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
                    # Whoever has signed out everywhere gets nothing more.
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
                allow({"actions": UPLOADING, "resources": [pulumi.Output.concat(args["bucket_arn"], OWN_PLACE)]})
            ),
            opts=child,
        )
        aws.cognito.IdentityPoolRoleAttachment(
            f"{name}-roles", identity_pool_id=pool.id, roles={"authenticated": role.arn}, opts=child
        )
        self.pool_id = pool.id
        self.register_outputs({"pool_id": self.pool_id})


def _trust(pool_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """The pool's signed-in users and nobody else, of no other pool."""
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
