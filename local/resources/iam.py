"""IAM roles and policies, which the emulator enforces."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:iam/role:Role")
def role(aws: Aws, planned: Planned) -> Created:
    """Create a role with its trust policy."""
    name = planned.physical_name()
    optional = planned.inputs.only(description="Description", permissionsBoundary="PermissionsBoundary")
    answer = aws.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=planned.inputs["assumeRolePolicy"], **optional
    )
    return Created(name, {"name": name, "arn": answer["Role"]["Arn"], "uniqueId": answer["Role"]["RoleId"]})


@creates("aws:iam/rolePolicy:RolePolicy")
def role_policy(aws: Aws, planned: Planned) -> Created:
    """Add an inline policy to a role."""
    role, name = planned.inputs["role"], planned.physical_name()
    aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=planned.inputs["policy"])
    return Created(f"{role}:{name}", {"name": name})


@creates("aws:iam/policy:Policy")
def policy(aws: Aws, planned: Planned) -> Created:
    """Create a managed policy."""
    name = planned.physical_name()
    answer = aws.client("iam").create_policy(
        PolicyName=name, PolicyDocument=planned.inputs["policy"], **planned.inputs.only(description="Description")
    )
    arn = answer["Policy"]["Arn"]
    return Created(arn, {"name": name, "arn": arn})


@creates("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
def role_policy_attachment(aws: Aws, planned: Planned) -> Created:
    """Attach a managed policy to a role."""
    role, arn = planned.inputs["role"], planned.inputs["policyArn"]
    aws.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return Created(f"{role}/{arn}", {})
