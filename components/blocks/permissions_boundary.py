"""The permissions boundary: the maximum permissions of every role in this program."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .account import Account
from .iam import LOG_DELIVERY, TRACING, Grant, Statement, allow, document


class PermissionsBoundaryArgs(TypedDict):
    """Inputs of `PermissionsBoundary`."""

    prefix: str
    """Name prefix of the resources that the roles may access."""

    grants: NotRequired[Sequence[Grant]]
    """What roles may do besides: with resources whose names do not begin with the prefix. Default: nothing."""

    retain: NotRequired[bool]
    """Whether to retain the policy when the stack is destroyed, as a retained role with it requires. Default: false."""


class PermissionsBoundary(pulumi.ComponentResource):
    """A managed policy that allows what functions and APIs do, on resources only whose names begin with a prefix.

    A boundary grants nothing by itself: a role has the permissions that both its own policy and the boundary allow.
    """

    arn: pulumi.Output[str]
    """ARN of the policy."""

    def __init__(self, name: str, args: PermissionsBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PermissionsBoundary", name, None, opts)
        account = Account(self)
        prefix = args["prefix"]

        def arns(service: str, resource: str) -> pulumi.Output[str]:
            return account.arn(service, resource)

        allowed = [
            allow(
                {
                    "actions": [
                        *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                        *("dynamodb:Query", "dynamodb:ConditionCheckItem", "dynamodb:DescribeStream"),
                        *("dynamodb:GetRecords", "dynamodb:GetShardIterator"),
                    ],
                    "resources": [arns("dynamodb", f"table/{prefix}-*")],
                }
            ),
            allow(
                {
                    "actions": [
                        *("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
                        "sqs:ChangeMessageVisibility",
                    ],
                    "resources": [arns("sqs", f"{prefix}-*")],
                }
            ),
            allow({"actions": ["sns:Publish"], "resources": [arns("sns", f"{prefix}-*")]}),
            allow({"actions": ["lambda:InvokeFunction"], "resources": [arns("lambda", f"function:{prefix}-*")]}),
            allow({"actions": ["states:StartExecution"], "resources": [arns("states", f"stateMachine:{prefix}-*")]}),
            allow(
                {
                    "actions": [
                        *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents"),
                        *("logs:DescribeLogStreams", "logs:FilterLogEvents"),
                    ],
                    # All of the account's log groups: API Gateway writes the logs of every API with one role.
                    "resources": [arns("logs", "*")],
                }
            ),
            # CodeDeploy needs these to release new versions.
            allow(
                {
                    "actions": ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
                    "resources": [arns("lambda", f"function:{prefix}-*")],
                }
            ),
            allow({"actions": ["cloudwatch:DescribeAlarms"], "resources": [arns("cloudwatch", "alarm:*")]}),
        ]
        allowed += map(allow, args.get("grants", []))
        # A key's ID has no prefix. Neither action reveals or changes anything of a key.
        signing = allow({"actions": ["kms:Sign", "kms:GetPublicKey"], "resources": [arns("kms", "key/*")]})
        # Traces, log deliveries, waiting tasks and lists of streams have no ARNs that a policy could name.
        nameless = [*LOG_DELIVERY, *TRACING, "states:SendTaskSuccess", "dynamodb:ListStreams"]
        without_arns = allow({"actions": nameless, "resources": ["*"]})
        through_sns: Statement = {
            **allow(
                {"actions": ["kms:Decrypt", "kms:GenerateDataKey"], "resources": [arns("kms", "key/*")]},
            ),
            # The topic is encrypted with the account's AWS managed key for SNS, which has no ARN before its first use.
            "Condition": {
                "StringEquals": {"kms:ViaService": pulumi.Output.format("sns.{0}.amazonaws.com", account.region)}
            },
        }
        denied: Statement = {
            "Sid": "DenyPrivilegeEscalation",
            "Effect": "Deny",
            "Action": ["iam:*", "organizations:*", "account:*", "sts:AssumeRole"],
            # On all resources: a narrower denial could be bypassed.
            "Resource": "*",
        }
        policy = aws.iam.Policy(
            name,
            description="The most that any role of the stack may do",
            policy=document(*allowed, signing, without_arns, through_sns, denied),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=args.get("retain", False)),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
