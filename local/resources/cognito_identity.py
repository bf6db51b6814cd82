"""Cognito identity pools."""

from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, pascal, provides


@provides("aws:cognito/identityPool:IdentityPool")
class IdentityPool(Provider):
    """An identity pool with its identity providers. Users' data elsewhere is under their identities."""

    replace_on = frozenset({"identityPoolName"})
    holds_data = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        pool = aws.client("cognito-identity").create_identity_pool(**_settings(inputs))["IdentityPoolId"]
        return Created(pool, {"arn": aws.arn("cognito-identity", f"identitypool/{pool}")})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        aws.client("cognito-identity").update_identity_pool(IdentityPoolId=existing.id, **_settings(inputs))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-identity").delete_identity_pool(IdentityPoolId=existing.id)


def _settings(inputs: Inputs) -> dict[str, Any]:
    return {
        "IdentityPoolName": inputs["identityPoolName"],
        "AllowUnauthenticatedIdentities": inputs.get("allowUnauthenticatedIdentities", False),
        "CognitoIdentityProviders": pascal(inputs.get("cognitoIdentityProviders", [])),
    }


@provides("aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment")
class IdentityPoolRoleAttachment(Provider):
    """The roles of an identity pool's users."""

    replace_on = frozenset({"identityPoolId"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        pool = inputs["identityPoolId"]
        aws.client("cognito-identity").set_identity_pool_roles(IdentityPoolId=pool, Roles=inputs["roles"])
        return Created(pool, {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("cognito-identity").set_identity_pool_roles(IdentityPoolId=existing.id, Roles={})
