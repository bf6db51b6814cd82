"""The stage of a REST API: a named deployment with access logs, traces and throttling."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..blocks.account import Account
from ..blocks.iam import trust
from ..blocks.python_function import FunctionPlatform, log_group

PUSH_TO_LOGS = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
"""AWS managed policy for writing API Gateway's logs; API Gateway rejects a role with fewer permissions (API Gateway
developer guide, "Set up CloudWatch logging for REST APIs")."""

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "authorizerError": "$context.authorizer.error",
    "integrationError": "$context.integration.error",
}
"""One line per request, with the resource instead of the path, so that it contains no customer names."""

RATE_LIMIT, BURST_LIMIT = 100, 50
"""Default limits of a stage. Without any, one API can use up the account's requests per second."""


class StageArgs(TypedDict):
    """Inputs of a stage."""

    name: str
    """Name of the stage, the first segment of every path."""

    platform: FunctionPlatform
    """Provides the retention of the access log and the permissions boundary of the log role."""

    throttling_rate_limit: NotRequired[int]
    """Maximum requests per second, across all callers. Default: 100."""

    throttling_burst_limit: NotRequired[int]
    """Maximum concurrent requests (burst), across all callers. Default: 50."""

    manage_account_log_role: NotRequired[bool]
    """Whether this stack creates the role that API Gateway writes logs with. An account has one per region.
    Default: false."""


def make_stage(
    name: str,
    api_id: pulumi.Input[str],
    deployment: aws.apigateway.Deployment,
    args: StageArgs,
    parent: pulumi.Resource,
) -> aws.apigateway.Stage:
    """Create the stage and its settings."""
    child = pulumi.ResourceOptions(parent=parent)
    group = log_group(f"{name}-access-log", args["platform"], child)
    depends_on = [_account_log_role(name, args["platform"], parent)] if args.get("manage_account_log_role") else []
    stage = aws.apigateway.Stage(
        f"{name}-stage",
        rest_api=api_id,
        deployment=deployment.id,
        stage_name=args["name"],
        xray_tracing_enabled=True,
        access_log_settings={"destination_arn": group.arn, "format": pulumi.Output.json_dumps(ACCESS_LOG)},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=depends_on),
    )
    aws.apigateway.MethodSettings(
        f"{name}-settings",
        rest_api=api_id,
        stage_name=stage.stage_name,
        method_path="*/*",
        settings={
            "throttling_rate_limit": args.get("throttling_rate_limit", RATE_LIMIT),
            "throttling_burst_limit": args.get("throttling_burst_limit", BURST_LIMIT),
            # Metrics by method are custom metrics, which cost extra; those of the stage are free.
            "metrics_enabled": False,
        },
        opts=child,
    )
    return stage


def _account_log_role(name: str, platform: FunctionPlatform, parent: pulumi.Resource) -> aws.apigateway.Account:
    """The role that API Gateway writes access logs with.

    An account has one per region, so all stacks in the region use the role of the stack that was created last. Updating
    another stack does not change that, and destroying a stack removes neither the role nor the setting: the provider
    would clear the setting, and the other stacks' logs would stop. After you destroy the last stack, you can delete the
    role and its permissions boundary manually.
    """
    kept = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    role = aws.iam.Role(
        f"{name}-log-role",
        description="Writes API Gateway's logs",
        assume_role_policy=trust("apigateway.amazonaws.com", parent),
        permissions_boundary=platform.get("boundary_arn"),
        opts=kept,
    )
    policy = pulumi.Output.format("arn:{0}:iam::aws:policy/{1}", Account(parent).partition, PUSH_TO_LOGS)
    attachment = aws.iam.RolePolicyAttachment(f"{name}-log-policy", role=role.name, policy_arn=policy, opts=kept)
    return aws.apigateway.Account(
        f"{name}-account",
        cloudwatch_role_arn=role.arn,
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[attachment], retain_on_delete=True, ignore_changes=["cloudwatch_role_arn"]
        ),
    )
