"""Secrets Manager's secrets, and parameters of Systems Manager."""

from typing import Any

from ..emulator_client import Aws
from .described import described
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:secretsmanager/secret:Secret")
class Secret(Provider):
    """A secret, without a value. It is deleted at once: `recoveryWindowInDays` does not apply."""

    name = "name"
    replace_on = frozenset({"name"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        _read(inputs)
        made = aws.client("secretsmanager").create_secret(Name=inputs["name"], **_settings(inputs))
        return Created(made["ARN"], {"arn": made["ARN"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        _read(inputs)
        settings = {"Description": "", "KmsKeyId": "alias/aws/secretsmanager", **_settings(inputs)}
        aws.client("secretsmanager").update_secret(SecretId=existing.id, **settings)
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("secretsmanager").delete_secret(SecretId=existing.id, ForceDeleteWithoutRecovery=True)


def _read(inputs: Inputs) -> None:
    for name in ("recoveryWindowInDays", "forceOverwriteReplicaSecret"):
        inputs.get(name)


def _settings(inputs: Inputs) -> dict[str, Any]:
    return inputs.only(description="Description", kmsKeyId="KmsKeyId")


@provides("aws:secretsmanager/secretVersion:SecretVersion")
class SecretVersion(Provider):
    """The current value of a secret. It ends with the secret."""

    replace_on = frozenset({"secretId"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        made = aws.client("secretsmanager").put_secret_value(
            SecretId=inputs["secretId"], **inputs.only(secretString="SecretString")
        )
        return Created(f"{made['ARN']}|{made['VersionId']}", {"arn": made["ARN"], "versionId": made["VersionId"]})

    def delete(self, aws: Aws, existing: Existing) -> None:
        """Do nothing: the value ends with its secret."""


described(
    "aws:ssm/parameter:Parameter",
    *("ssm", "put_parameter", "delete_parameter"),
    id="{name}",
    key={"Name": "{name}"},
    update="put_parameter",
    outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter{name}", "version": "{Version}"},
    defaults={"Overwrite": True},
    only_here={"overwrite"},
    name="name",
    replace_on={"name"},
)
