"""What AWS refuses to delete, and the emulator deletes."""

from collections.abc import Callable

from local.emulator_client import Aws
from local.resources import Existing


class Refused(Exception):
    """AWS would refuse the deletion."""


def check(aws: Aws, token: str, existing: Existing) -> None:
    """Raise `Refused` if AWS would not delete the resource."""
    if (rule := RULES.get(token)) and (reason := rule(aws, existing)):
        raise Refused(f"{existing.id}: {reason}")


def _role(aws: Aws, role: Existing) -> str:
    iam = aws.client("iam")
    attached = iam.list_attached_role_policies(RoleName=role.id)["AttachedPolicies"]
    inline = iam.list_role_policies(RoleName=role.id)["PolicyNames"]
    return "Cannot delete entity, must delete policies first." if inline or attached else ""


def _policy(aws: Aws, policy: Existing) -> str:
    count = aws.client("iam").get_policy(PolicyArn=policy.id)["Policy"]["AttachmentCount"]
    return "Cannot delete a policy attached to entities." if count else ""


def _user_pool(aws: Aws, pool: Existing) -> str:
    found = aws.client("cognito-idp").describe_user_pool(UserPoolId=pool.id)["UserPool"]
    if found.get("DeletionProtection") == "ACTIVE":
        return "The user pool cannot be deleted because deletion protection is activated."
    if found.get("Domain"):
        return "User pool cannot be deleted. It has a domain configured that should be deleted first."
    return ""


def _deployment(aws: Aws, deployment: Existing) -> str:
    stages = aws.client("apigateway").get_stages(restApiId=deployment.inputs["restApi"])["item"]
    used = any(stage["deploymentId"] == deployment.id for stage in stages)
    return "Active stages pointing to this deployment must be moved or deleted" if used else ""


def _bucket(aws: Aws, bucket: Existing) -> str:
    versions = aws.client("s3").list_object_versions(Bucket=bucket.id, MaxKeys=1)
    kept = not bucket.inputs.get("forceDestroy") and (versions.get("Versions") or versions.get("DeleteMarkers"))
    return "The bucket you tried to delete is not empty. You must delete all versions in the bucket." if kept else ""


RULES: dict[str, Callable[[Aws, Existing], str]] = {
    "aws:apigateway/deployment:Deployment": _deployment,
    "aws:cognito/userPool:UserPool": _user_pool,
    "aws:iam/policy:Policy": _policy,
    "aws:iam/role:Role": _role,
    "aws:s3/bucket:Bucket": _bucket,
}
"""Why AWS would refuse, by resource type; the messages are AWS's."""
