"""IAM users and groups."""

from collections.abc import Collection
from typing import Any

from ..emulator_client import Aws
from .described import described
from .provider import Created, Existing, Inputs, Provider, provides

described(
    "aws:iam/user:User",
    *("iam", "create_user", "delete_user"),
    id="{name}",
    key={"UserName": "{id}"},
    within="User",
    outputs={"arn": "{Arn}", "uniqueId": "{UserId}"},
    renamed={"name": "UserName"},
    only_here={"forceDestroy"},
    name="name",
)
described(
    "aws:iam/group:Group",
    *("iam", "create_group", "delete_group"),
    id="{name}",
    key={"GroupName": "{id}"},
    within="Group",
    outputs={"arn": "{Arn}", "uniqueId": "{GroupId}"},
    renamed={"name": "GroupName"},
    name="name",
)
described(
    "aws:iam/userPolicy:UserPolicy",
    *("iam", "put_user_policy", "delete_user_policy"),
    id="{user}:{name}",
    key={"UserName": "{user}", "PolicyName": "{name}"},
    update="put_user_policy",
    renamed={"user": "UserName", "name": "PolicyName", "policy": "PolicyDocument"},
    name="name",
    replace_on={"user", "name"},
)
described(
    "aws:iam/groupPolicy:GroupPolicy",
    *("iam", "put_group_policy", "delete_group_policy"),
    id="{group}:{name}",
    key={"GroupName": "{group}", "PolicyName": "{name}"},
    update="put_group_policy",
    renamed={"group": "GroupName", "name": "PolicyName", "policy": "PolicyDocument"},
    name="name",
    replace_on={"group", "name"},
)
described(
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    *("iam", "attach_group_policy", "detach_group_policy"),
    id="{group}/{policyArn}",
    key={"GroupName": "{group}", "PolicyArn": "{policyArn}"},
    renamed={"group": "GroupName"},
)
described(
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    *("iam", "attach_user_policy", "detach_user_policy"),
    id="{user}/{policyArn}",
    key={"UserName": "{user}", "PolicyArn": "{policyArn}"},
    renamed={"user": "UserName"},
)


@provides("aws:iam/userGroupMembership:UserGroupMembership")
class UserGroupMembership(Provider):
    """The groups of a user, beside those that others have added."""

    replace_on = frozenset({"user"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        for group in inputs["groups"]:
            aws.client("iam").add_user_to_group(UserName=inputs["user"], GroupName=group)
        return Created(f"{inputs['user']}/{','.join(inputs['groups'])}", {})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        self.create(aws, inputs)
        self._remove(aws, inputs["user"], set(existing.inputs.get("groups") or ()) - set(inputs["groups"]))
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        self._remove(aws, existing.inputs["user"], existing.inputs["groups"])

    def _remove(self, aws: Aws, user: str, groups: Collection[str]) -> None:
        for group in groups:
            aws.client("iam").remove_user_from_group(UserName=user, GroupName=group)
