"""A user in a group, whose policy is made by the provider's function."""

import pulumi
import pulumi_aws as aws
from common import CHANGED

document = aws.iam.get_policy_document(
    statements=[{"actions": ["s3:ListAllMyBuckets"] if CHANGED else ["s3:GetObject"], "resources": ["*"]}]
)
policy = aws.iam.Policy("read", policy=document.json)
group = aws.iam.Group("readers", name="readers")
aws.iam.GroupPolicyAttachment("readers", group=group.name, policy_arn=policy.arn)
user = aws.iam.User("reader", name="reader")
aws.iam.UserGroupMembership("reader", user=user.name, groups=[group.name])
pulumi.export("user", user.arn)
