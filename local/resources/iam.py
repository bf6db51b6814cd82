"""IAM roles and policies, which the emulator enforces."""

from collections.abc import Mapping
from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:iam/role:Role")
class Role(Provider):
    """A role with its trust policy."""

    name = "name"
    replace_on = frozenset({"name"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        role = aws.client("iam").create_role(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            **inputs.only(description="Description", permissionsBoundary="PermissionsBoundary"),
        )["Role"]
        return Created(inputs["name"], {"arn": role["Arn"], "uniqueId": role["RoleId"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        client, role = aws.client("iam"), existing.id
        client.update_assume_role_policy(RoleName=role, PolicyDocument=inputs["assumeRolePolicy"])
        client.update_role_description(RoleName=role, Description=inputs.get("description") or "")
        if boundary := inputs.get("permissionsBoundary"):
            client.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
        elif "PermissionsBoundary" in client.get_role(RoleName=role)["Role"]:
            client.delete_role_permissions_boundary(RoleName=role)
        for arn in {*_managed(existing.inputs)} - {*_managed(inputs)}:
            client.detach_role_policy(RoleName=role, PolicyArn=arn)
        for name in _inline(existing.inputs).keys() - _inline(inputs).keys():
            client.delete_role_policy(RoleName=role, PolicyName=name)
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        for arn in _managed(inputs):
            aws.client("iam").attach_role_policy(RoleName=id, PolicyArn=arn)
        for name, policy in _inline(inputs).items():
            aws.client("iam").put_role_policy(RoleName=id, PolicyName=name, PolicyDocument=policy)

    def delete(self, aws: Aws, existing: Existing) -> None:
        client = aws.client("iam")
        for arn in _managed(existing.inputs):
            client.detach_role_policy(RoleName=existing.id, PolicyArn=arn)
        for name in _inline(existing.inputs):
            client.delete_role_policy(RoleName=existing.id, PolicyName=name)
        client.delete_role(RoleName=existing.id)


def _managed(inputs: Mapping[str, Any]) -> list[str]:
    return list(inputs.get("managedPolicyArns") or ())


def _inline(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The policies that the role itself declares, by name."""
    return {policy["name"]: policy["policy"] for policy in inputs.get("inlinePolicies") or ()}


@provides("aws:iam/rolePolicy:RolePolicy")
class RolePolicy(Provider):
    """An inline policy of a role."""

    name = "name"
    replace_on = frozenset({"name", "role"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        role, name = inputs["role"], inputs["name"]
        aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=inputs["policy"])
        return Created(f"{role}:{name}", {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("iam").delete_role_policy(RoleName=existing.inputs["role"], PolicyName=existing.inputs["name"])


@provides("aws:iam/policy:Policy")
class Policy(Provider):
    """A managed policy."""

    name = "name"
    replace_on = frozenset({"name", "description"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        policy = aws.client("iam").create_policy(
            PolicyName=inputs["name"], PolicyDocument=inputs["policy"], **inputs.only(description="Description")
        )["Policy"]
        return Created(policy["Arn"], {"arn": policy["Arn"], "policyId": policy["PolicyId"]})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # A policy can have five versions; the earlier ones are of no use.
        _delete_old_versions(aws, existing.id)
        aws.client("iam").create_policy_version(
            PolicyArn=existing.id, PolicyDocument=inputs["policy"], SetAsDefault=True
        )
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        _delete_old_versions(aws, existing.id)
        aws.client("iam").delete_policy(PolicyArn=existing.id)


def _delete_old_versions(aws: Aws, policy: str) -> None:
    client = aws.client("iam")
    for version in client.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not version["IsDefaultVersion"]:
            client.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])


@provides("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
class RolePolicyAttachment(Provider):
    """A managed policy attached to a role."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        role, arn = inputs["role"], inputs["policyArn"]
        aws.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
        return Created(f"{role}/{arn}", {})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("iam").detach_role_policy(RoleName=existing.inputs["role"], PolicyArn=existing.inputs["policyArn"])
