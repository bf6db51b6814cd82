"""IAM: roles and policies. The emulator enforces them."""

from ops.emulator_client import Aws

from .registry import Made, Planned, creates


@creates("aws:iam/role:Role")
def role(aws: Aws, planned: Planned) -> Made:
    """A role."""
    name = planned.physical_name()
    optional = planned.inputs.only(description="Description", permissionsBoundary="PermissionsBoundary")
    answer = aws.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=planned.inputs["assumeRolePolicy"], **optional
    )
    return Made(name, {"name": name, "arn": answer["Role"]["Arn"], "uniqueId": answer["Role"]["RoleId"]})


@creates("aws:iam/rolePolicy:RolePolicy")
def role_policy(aws: Aws, planned: Planned) -> Made:
    """A policy of one role's own."""
    role, name = planned.inputs["role"], planned.physical_name()
    aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=planned.inputs["policy"])
    return Made(f"{role}:{name}", {"name": name})


@creates("aws:iam/policy:Policy")
def policy(aws: Aws, planned: Planned) -> Made:
    """A managed policy."""
    name = planned.physical_name()
    answer = aws.client("iam").create_policy(
        PolicyName=name, PolicyDocument=planned.inputs["policy"], **planned.inputs.only(description="Description")
    )
    arn = answer["Policy"]["Arn"]
    return Made(arn, {"name": name, "arn": arn})


@creates("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
def role_policy_attachment(aws: Aws, planned: Planned) -> Made:
    """A managed policy on a role."""
    role, arn = planned.inputs["role"], planned.inputs["policyArn"]
    aws.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return Made(f"{role}/{arn}", {})
