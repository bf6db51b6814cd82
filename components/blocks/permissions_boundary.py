"""The permissions boundary: the most that any role of this program can ever have."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .iam import LOG_DELIVERY, TRACING, Statement, allow, document


class PermissionsBoundaryArgs(TypedDict):
    """Inputs of `PermissionsBoundary`."""

    prefix: str
    """What the names of everything that the roles may touch begin with."""

    mail_resource: NotRequired[pulumi.Input[str] | None]
    """The identity of SES that mail may be sent from. Default: none."""

    retain: NotRequired[bool]
    """Whether it stays when the stack is destroyed, as it has to where a role with it stays. Default: no."""


class PermissionsBoundary(pulumi.ComponentResource):
    """A managed policy that allows what the café's functions and its API may do, on the café's own resources.

    A boundary grants nothing by itself: a role has what its own policy and the boundary both allow.
    """

    arn: pulumi.Output[str]
    """The policy's ARN."""

    def __init__(self, name: str, args: PermissionsBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cafe:index:PermissionsBoundary", name, None, opts)
        region = aws.get_region_output().region
        account = aws.get_caller_identity_output().account_id
        prefix = args["prefix"]

        def arns(service: str, resource: str) -> pulumi.Output[str]:
            return pulumi.Output.format("arn:aws:{0}:{1}:{2}:{3}", service, region, account, resource)

        allowed = [
            allow(
                {
                    "actions": [
                        *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
                        *("dynamodb:Query", "dynamodb:ConditionCheckItem", "dynamodb:DescribeStream"),
                        *("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
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
            allow(
                {
                    "actions": [
                        *("s3:PutObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"),
                        *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
                    ],
                    # Photos, and not the site's files. No bucket is ever listed: keys are known or nobody's business.
                    "resources": [f"arn:aws:s3:::{prefix}-photos-*/*"],
                }
            ),
            allow({"actions": ["sns:Publish"], "resources": [arns("sns", f"{prefix}-*")]}),
            allow({"actions": ["lambda:InvokeFunction"], "resources": [arns("lambda", f"function:{prefix}-*")]}),
            allow({"actions": ["states:StartExecution"], "resources": [arns("states", f"stateMachine:{prefix}-*")]}),
            allow(
                {
                    "actions": [
                        *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents"),
                        *("logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents"),
                    ],
                    # All of the account's: API Gateway has one role to write the logs of every API with.
                    "resources": [arns("logs", "*")],
                }
            ),
            # What CodeDeploy releases new versions with.
            allow(
                {
                    "actions": ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
                    "resources": [arns("lambda", f"function:{prefix}-*")],
                }
            ),
            allow({"actions": ["cloudwatch:DescribeAlarms"], "resources": [arns("cloudwatch", "alarm:*")]}),
        ]
        if mail_resource := args.get("mail_resource"):
            allowed.append(allow({"actions": ["ses:SendEmail"], "resources": [mail_resource]}))
        # Traces, log deliveries and waiting tasks are no resources that a policy could name.
        nameless = allow({"actions": [*LOG_DELIVERY, *TRACING, "states:SendTaskSuccess"], "resources": ["*"]})
        through_sns: Statement = {
            **allow(
                {"actions": ["kms:Decrypt", "kms:GenerateDataKey"], "resources": [arns("kms", "key/*")]},
            ),
            # The topic is encrypted with the account's own key for SNS, which has no ARN before it is first used.
            "Condition": {"StringEquals": {"kms:ViaService": pulumi.Output.format("sns.{0}.amazonaws.com", region)}},
        }
        denied: Statement = {
            "Sid": "DenyPrivilegeEscalation",
            "Effect": "Deny",
            "Action": ["iam:*", "organizations:*", "account:*", "sts:AssumeRole"],
            # Denied on everything there is: a narrower denial would leave a way around it.
            "Resource": "*",
        }
        policy = aws.iam.Policy(
            name,
            description="The most that any role of the cafe may do",
            policy=document(*allowed, nameless, through_sns, denied),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=args.get("retain", False)),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
