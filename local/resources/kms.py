"""KMS keys."""

from typing import Any

from ops.emulator_client import Aws

from .provider import Created, Existing, Inputs, Provider, provides

DELETION_DAYS = 30
"""Waiting period before a key is deleted, Terraform's default."""


@provides("aws:kms/key:Key")
class Key(Provider):
    """A symmetric encryption key."""

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("kms").create_key(**inputs.only(description="Description", policy="Policy"))["KeyMetadata"]
        return Created(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        client = aws.client("kms")
        client.update_key_description(KeyId=existing.id, Description=inputs.get("description") or "")
        if policy := inputs.get("policy"):
            client.put_key_policy(KeyId=existing.id, PolicyName="default", Policy=policy)
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        client = aws.client("kms")
        rotate = client.enable_key_rotation if inputs.get("enableKeyRotation") else client.disable_key_rotation
        rotate(KeyId=id)

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("kms").schedule_key_deletion(KeyId=existing.id, PendingWindowInDays=DELETION_DAYS)
