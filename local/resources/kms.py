"""KMS keys."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:kms/key:Key")
def key(aws: Aws, planned: Planned) -> Created:
    """Create a symmetric encryption key."""
    client = aws.client("kms")
    made = client.create_key(**planned.inputs.only(description="Description", policy="Policy"))["KeyMetadata"]
    if planned.inputs.get("enableKeyRotation"):
        client.enable_key_rotation(KeyId=made["KeyId"])
    return Created(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})
