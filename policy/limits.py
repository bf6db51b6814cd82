"""Limits of AWS on names, by resource type. The emulator does not check them."""

import re
from typing import NamedTuple

SUFFIX_CHARACTERS = 8
"""Characters that Pulumi appends to a generated name: a hyphen and seven digits (pulumi-aws, auto-naming)."""


class NameLimit(NamedTuple):
    """What AWS accepts as the name of a resource type."""

    input: str
    """The input with the name. If the program does not set it, Pulumi generates the name."""
    shortest: int
    longest: int
    pattern: str
    """Characters that the name may consist of."""
    source: str
    """Where AWS says so."""
    reserved: str = ""
    """What the name must not contain."""

    def problem(self, name: str) -> str | None:
        """Why AWS would refuse a name; `None` if it would not."""
        if not self.shortest <= len(name) <= self.longest:
            return f"has {len(name)} characters, AWS allows {self.shortest} to {self.longest} ({self.source})"
        if not re.fullmatch(self.pattern, name):
            return f"does not match {self.pattern} ({self.source})"
        if self.reserved and (found := re.search(self.reserved, name)):
            return f"contains {found[0]!r}, which is reserved ({self.source})"
        return None


IAM_NAME = r"[\w+=,.@-]+"
WORD = r"[A-Za-z0-9_-]+"

NAME_LIMITS = {
    "aws:apigateway/restApi:RestApi": NameLimit("name", 1, 1024, r".+", "API Gateway quotas"),
    "aws:apigateway/stage:Stage": NameLimit("stageName", 1, 128, WORD, "API Gateway API reference, CreateStage"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": NameLimit(
        "name", 1, 64, WORD, "CloudFront API reference, OriginAccessControlConfig"
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": NameLimit(
        "name", 1, 128, WORD, "CloudFront API reference, ResponseHeadersPolicyConfig"
    ),
    "aws:cloudwatch/dashboard:Dashboard": NameLimit(
        "dashboardName", 1, 255, WORD, "CloudWatch API reference, PutDashboard"
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": NameLimit("name", 1, 60, WORD, "CloudWatch Logs API reference"),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": NameLimit(
        "name", 1, 60, WORD, "CloudWatch Logs API reference, PutDeliveryDestination"
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": NameLimit(
        "name", 1, 60, WORD, "CloudWatch Logs API reference, PutDeliverySource"
    ),
    "aws:cloudwatch/logGroup:LogGroup": NameLimit(
        "name", 1, 512, r"[.\-_/#A-Za-z0-9]+", "CloudWatch Logs API reference, CreateLogGroup"
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": NameLimit(
        "name", 1, 255, r"[ -~]+", "CloudWatch API reference, PutMetricAlarm"
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": NameLimit(
        "name", 1, 255, r".+", "CloudWatch Logs API reference, PutQueryDefinition"
    ),
    "aws:codedeploy/application:Application": NameLimit("name", 1, 100, r"[ -~]+", "CodeDeploy quotas"),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": NameLimit(
        "deploymentGroupName", 1, 100, r"[ -~]+", "CodeDeploy quotas"
    ),
    "aws:cognito/identityPool:IdentityPool": NameLimit(
        "identityPoolName", 1, 128, r"[\w\s+=,.@-]+", "Cognito API reference, CreateIdentityPool"
    ),
    "aws:cognito/resourceServer:ResourceServer": NameLimit(
        "name", 1, 256, r"[\w\s+=,.@-]+", "Cognito API reference, CreateResourceServer"
    ),
    "aws:cognito/userGroup:UserGroup": NameLimit("name", 1, 128, r"\S+", "Cognito API reference, CreateGroup"),
    "aws:cognito/userPool:UserPool": NameLimit(
        "name", 1, 128, r"[\w\s+=,.@-]+", "Cognito API reference, CreateUserPool"
    ),
    "aws:cognito/userPoolClient:UserPoolClient": NameLimit(
        "name", 1, 128, r"[\w\s+=,.@-]+", "Cognito API reference, CreateUserPoolClient"
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": NameLimit(
        "domain",
        1,
        63,
        r"[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        "Cognito developer guide, Amazon Cognito domains",
        "aws|amazon|cognito",
    ),
    "aws:dynamodb/table:Table": NameLimit("name", 3, 255, r"[A-Za-z0-9_.-]+", "DynamoDB API reference, CreateTable"),
    "aws:iam/policy:Policy": NameLimit("name", 1, 128, IAM_NAME, "IAM quotas"),
    "aws:iam/role:Role": NameLimit("name", 1, 64, IAM_NAME, "IAM quotas"),
    "aws:iam/rolePolicy:RolePolicy": NameLimit("name", 1, 128, IAM_NAME, "IAM quotas"),
    "aws:lambda/alias:Alias": NameLimit("name", 1, 128, r"(?!\d+$)[A-Za-z0-9_-]+", "Lambda API reference, CreateAlias"),
    "aws:lambda/function:Function": NameLimit("name", 1, 64, WORD, "Lambda API reference, CreateFunction"),
    "aws:lambda/layerVersion:LayerVersion": NameLimit(
        "layerName", 1, 140, WORD, "Lambda API reference, PublishLayerVersion"
    ),
    "aws:lambda/permission:Permission": NameLimit("statementId", 1, 100, WORD, "Lambda API reference, AddPermission"),
    "aws:s3/bucket:Bucket": NameLimit(
        "bucket",
        3,
        63,
        r"[a-z0-9][a-z0-9-]*[a-z0-9]",
        "S3 user guide, Bucket naming rules; without dots, which TLS does not cover",
        r"^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$",
    ),
    "aws:sfn/stateMachine:StateMachine": NameLimit(
        "name", 1, 80, WORD, "Step Functions API reference, CreateStateMachine"
    ),
    "aws:sns/topic:Topic": NameLimit("name", 1, 256, WORD, "SNS API reference, CreateTopic"),
    "aws:sqs/queue:Queue": NameLimit("name", 1, 80, WORD, "SQS API reference, CreateQueue"),
    "aws:wafv2/webAcl:WebAcl": NameLimit("name", 1, 128, WORD, "AWS WAF API reference, CreateWebACL"),
}
"""The limit of every type that has a name."""
