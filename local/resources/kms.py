"""KMS keys."""

from typing import Any

from ..emulator_client import Aws
from .described import described
from .provider import Created, Existing, Inputs, Provider, provides

DELETION_DAYS = 30
"""Waiting period before a key is deleted (default), as in Terraform's provider."""


@provides("aws:kms/key:Key")
class Key(Provider):
    """A key for encryption, or a key pair."""

    replace_on = frozenset({"customerMasterKeySpec", "keyUsage"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        names = {
            "description": "Description",
            "policy": "Policy",
            "customerMasterKeySpec": "KeySpec",
            "keyUsage": "KeyUsage",
        }
        made = aws.client("kms").create_key(**inputs.only(**names))["KeyMetadata"]
        return Created(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        client = aws.client("kms")
        client.update_key_description(KeyId=existing.id, Description=inputs.get("description") or "")
        if policy := inputs.get("policy"):
            client.put_key_policy(KeyId=existing.id, PolicyName="default", Policy=policy)
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        inputs.get("deletionWindowInDays")  # concerns only deletion
        client = aws.client("kms")
        enabled = inputs.get("enableKeyRotation")
        # KMS rotates no key pairs (KMS API reference, EnableKeyRotation).
        if inputs.get("keyUsage") != "SIGN_VERIFY":
            rotate = client.enable_key_rotation if enabled else client.disable_key_rotation
            rotate(KeyId=id)

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("kms").schedule_key_deletion(
            KeyId=existing.id, PendingWindowInDays=existing.inputs.get("deletionWindowInDays") or DELETION_DAYS
        )


described(
    "aws:kms/alias:Alias",
    *("kms", "create_alias", "delete_alias"),
    id="{name}",
    key={"AliasName": "{id}"},
    update="update_alias",
    renamed={"name": "AliasName"},
    name="name",
    replace_on={"name"},
)
