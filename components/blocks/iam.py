"""Policy documents in JSON, from plain data that may contain outputs."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from .account import Account

Statement = dict[str, object]

LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
"""Permissions that Step Functions needs to deliver its logs (developer guide, logging in CloudWatch Logs)."""

TRACING = (*("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),)
"""Permissions that Step Functions needs to write traces (developer guide, X-Ray tracing)."""


class Grant(TypedDict):
    """Permissions of a role: named actions on named ARNs."""

    actions: Sequence[str]
    """Allowed actions, e.g. `sqs:SendMessage`."""

    resources: Sequence[pulumi.Input[str]]
    """ARNs that the actions apply to."""

    condition: NotRequired[dict[str, dict[str, str]]]
    """Conditions, as in a policy. Default: none."""


def allow(grant: Grant) -> Statement:
    """The statement for a grant."""
    condition = {"Condition": grant["condition"]} if "condition" in grant else {}
    return {"Effect": "Allow", "Action": list(grant["actions"]), "Resource": list(grant["resources"]), **condition}


def deny_plain_http(bucket_arn: pulumi.Input[str]) -> Statement:
    """The bucket policy statement that denies plain HTTP."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document with these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


WITHOUT_SOURCE = frozenset({"apigateway.amazonaws.com"})
"""Services that do not say for which account they assume a role: a condition on it would refuse them. API Gateway
documents none, for integrations and for its log role alike."""


def trust(service: str, parent: pulumi.Resource | None) -> pulumi.Output[str]:
    """The trust policy of a role that an AWS service assumes, e.g. `lambda.amazonaws.com`.

    The service must act for the account of the parent (IAM user guide, "The confused deputy problem").
    """
    statement: Statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if service not in WITHOUT_SOURCE:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": Account(parent).id}}
    return document(statement)
