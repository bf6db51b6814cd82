"""The boundary, and that no role's own policy asks for more than it lets through."""

import pulumi
import pulumi_aws as aws
import pytest

from components.permissions_boundary import PermissionsBoundary
from tests.components.policies import Statement, allowed, listed, matches, permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording, record

AWS_MANAGED = {
    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": (
        "API Gateway refuses a role for its logs that may do less",
        # What version 1 of it allows (IAM's managed policy reference).
        [
            *("CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents"),
            *("GetLogEvents", "FilterLogEvents"),
        ],
    ),
}
"""AWS's own policies that are attached: why, and what they allow. Nobody can narrow them but the boundary."""

NEVER = [
    *("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary"),
    *("iam:CreatePolicyVersion", "iam:PassRole", "iam:CreateUser", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy"),
    *("sts:AssumeRole", "organizations:LeaveOrganization", "account:CloseAccount"),
]
"""Ways up: with any of these a role could become more than it is."""

NAMELESS = {
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    "states:SendTaskSuccess",
}
"""Actions for which AWS knows no resource narrower than all (service authorization reference)."""

ON_THE_EMULATOR = {("ses:SendEmail", "local")}
"""What it looks for on everything, where AWS knows a resource."""

OUTSIDE = [
    ("dynamodb:Scan", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/cafe-dev-orders"),
    ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/cafe-dev-orders"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/someone-elses"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:210987654321:table/cafe-dev-orders"),
    ("sqs:PurgeQueue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:cafe-dev-queue"),
    ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:cafe-prod-queue"),
    ("sns:Publish", f"arn:aws:sns:eu-central-1:{ACCOUNT}:cafe-dev-topic"),
    ("s3:GetObject", "arn:aws:s3:::cafe-dev-site-web/index.html"),
    ("s3:PutObject", "arn:aws:s3:::cafe-dev-site-web/index.html"),
    ("s3:PutObject", "arn:aws:s3:::cafe-prod-photos-bucket-1/uploads/ann/1"),
    ("s3:PutObjectAcl", "arn:aws:s3:::cafe-dev-photos-bucket-1/uploads/ann/1"),
    ("s3:ListBucket", "arn:aws:s3:::cafe-dev-photos-bucket-1"),
    ("s3:ListBucketVersions", "arn:aws:s3:::cafe-dev-photos-bucket-1"),
    ("s3:DeleteObject", "arn:aws:s3:::cafe-dev-photos-bucket-1/uploads/ann/1"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:cafe-prod-orders-get-order"),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:cafe-dev-orders-get-order"),
    ("ses:SendEmail", f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/cafe@example.com"),
    ("states:StartExecution", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:someone-elses"),
    ("kms:Decrypt", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"),
    ("logs:DeleteLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:cafe-dev-log"),
]


def boundary(cafe: Recording) -> Recorded:
    return cafe.one(aws.iam.Policy)


def every_allow(cafe: Recording) -> list[tuple[Recorded, Statement]]:
    """What all policies of the program allow, that of the bucket as well."""
    policies = [*cafe.of(aws.iam.Policy), *cafe.of(aws.iam.RolePolicy), *cafe.of(aws.s3.BucketPolicy)]
    return [(policy, statement) for policy in policies for statement in allowed(statements(policy))]


def test_it_stands_on_every_role(cafe: Recording) -> None:
    assert {role.get("permissionsBoundary") for role in cafe.of(aws.iam.Role)} == {boundary(cafe).arn}


def test_it_allows_something(cafe: Recording) -> None:
    # One that only denies leaves every role with nothing.
    assert len(allowed(statements(boundary(cafe)))) > 1


def test_every_grant_comes_through_it(cafe: Recording) -> None:
    limits = statements(boundary(cafe))
    cancelled = [
        (str(policy), action, resource)
        for policy in cafe.of(aws.iam.RolePolicy)
        for statement in allowed(statements(policy))
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if not permits(limits, action, resource)
    ]

    assert cancelled == []


def test_only_listed_policies_of_aws_are_attached_and_all_they_allow_comes_through(cafe: Recording) -> None:
    limits = statements(boundary(cafe))
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:API-Gateway-Execution-Logs_1/dev:log-stream:1"

    for attachment in cafe.of(aws.iam.RolePolicyAttachment):
        _, actions = AWS_MANAGED[attachment["policyArn"]]
        assert [action for action in actions if not permits(limits, f"logs:{action}", group)] == []


def test_topic_keys_are_open_through_sns_only(cafe: Recording) -> None:
    (statement,) = [s for s in allowed(statements(boundary(cafe))) if any("kms:" in a for a in s["Action"])]

    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}


def test_it_denies_ways_up_on_everything(cafe: Recording) -> None:
    denials = [s for s in statements(boundary(cafe)) if s["Effect"] == "Deny"]
    everywhere = [s for s in denials if listed(s["Resource"]) == ["*"] and "Condition" not in s]

    covered = [pattern for statement in everywhere for pattern in listed(statement["Action"])]
    assert [action for action in NEVER if not any(matches(pattern, action) for pattern in covered)] == []
    # Whatever a role's own policy said, nothing of IAM would be left.
    assert "iam:*" in covered


@pytest.mark.parametrize(("action", "resource"), OUTSIDE, ids=lambda text: text)
def test_it_lets_nothing_else_through(dev: Recording, action: str, resource: str) -> None:
    assert not permits(statements(boundary(dev)), action, resource)


def test_no_policy_allows_a_pattern_of_actions(cafe: Recording) -> None:
    assert [
        (str(policy), action)
        for policy, statement in every_allow(cafe)
        for action in listed(statement["Action"])
        if "*" in action or "?" in action
    ] == []


def test_no_policy_allows_by_exclusion(cafe: Recording) -> None:
    assert [
        str(policy)
        for policy, statement in every_allow(cafe)
        if {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()
    ] == []


def test_only_what_has_no_resource_is_allowed_on_everything(cafe: Recording) -> None:
    assert [
        (str(policy), action)
        for policy, statement in every_allow(cafe)
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
        if action not in NAMELESS and (action, cafe.project.stack) not in ON_THE_EMULATOR
    ] == []


def test_only_the_boundary_has_patterns_that_leave_a_service_open(cafe: Recording) -> None:
    # The sixth part of an ARN: what is in the account. API Gateway has one role for the logs of every API there is.
    exceptions = {f"arn:aws:logs:{REGION}:{ACCOUNT}:*"}
    wide = {
        (policy.type, resource)
        for policy, statement in every_allow(cafe)
        for resource in listed(statement["Resource"])
        if resource != "*"
        if resource.split(":", 5)[5].startswith("*") and resource not in exceptions
    }

    assert wide == set()


def test_mail_is_sent_from_the_cafes_own_address_and_no_other(configured: Recording) -> None:
    limits = statements(boundary(configured))
    identity = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/"

    assert permits(limits, "ses:SendEmail", f"{identity}cafe@example.com")
    assert not permits(limits, "ses:SendEmail", f"{identity}boss@example.com")
    assert not permits(limits, "ses:SendRawEmail", f"{identity}cafe@example.com")
    test_every_grant_comes_through_it(configured)
    test_the_policy_is_not_longer_than_iam_allows(configured)


def test_it_goes_by_the_prefix() -> None:
    def program() -> None:
        pulumi.export("arn", PermissionsBoundary("it", {"prefix": "bar-x"}).arn)

    recording = record(program)
    limits = statements(boundary(recording))

    assert recording.outputs["arn"] == boundary(recording).arn
    assert permits(limits, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:bar-x-queue")
    assert not permits(limits, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:cafe-dev-queue")


def test_the_policy_is_not_longer_than_iam_allows(cafe: Recording) -> None:
    # 6,144 characters without white space (IAM quotas, managed policies).
    assert len("".join(boundary(cafe)["policy"].split())) <= 6144
