"""The permissions boundary: what it allows and what it does not."""

import pulumi
import pulumi_aws as aws
import pytest

from components.blocks.permissions_boundary import PermissionsBoundary
from tests.components.policies import allowed, permits, statements
from tests.components.recorder import ACCOUNT, REGION, Recorded, Recording, record

MANAGED_ACTIONS = {
    # Version 1 of the policy (IAM's managed policy reference).
    "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs": [
        *("CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents"),
        *("GetLogEvents", "FilterLogEvents"),
    ],
}
"""The actions of the attached AWS managed policies. Only the boundary can restrict them."""

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


def test_it_allows_the_attached_managed_policies(cafe: Recording) -> None:
    limits = statements(boundary(cafe))
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:API-Gateway-Execution-Logs_1/dev:log-stream:1"

    for attachment in cafe.of(aws.iam.RolePolicyAttachment):
        actions = MANAGED_ACTIONS[attachment["policyArn"]]
        assert [action for action in actions if not permits(limits, f"logs:{action}", group)] == []


def test_keys_encrypt_only_through_sns(cafe: Recording) -> None:
    signing, statement = [s for s in allowed(statements(boundary(cafe))) if any("kms:" in a for a in s["Action"])]

    assert signing["Action"] == ["kms:Sign", "kms:GetPublicKey"]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": f"sns.{REGION}.amazonaws.com"}}


@pytest.mark.parametrize(("action", "resource"), OUTSIDE, ids=lambda text: text)
def test_it_allows_nothing_else(dev: Recording, action: str, resource: str) -> None:
    assert not permits(statements(boundary(dev)), action, resource)


def test_mail_can_be_sent_only_from_the_cafes_address(configured: Recording) -> None:
    (mail,) = [each for each in statements(boundary(configured)) if "ses:SendEmail" in each["Action"]]

    assert mail["Action"] == ["ses:SendEmail"]
    assert mail["Resource"] == [f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*"]
    assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": "cafe@example.com"}}
    test_the_policy_fits_iams_size_limit(configured)


def test_it_covers_resources_with_the_prefix() -> None:
    def program() -> None:
        pulumi.export("arn", PermissionsBoundary("it", {"prefix": "bar-x"}).arn)

    recording = record(program)
    limits = statements(boundary(recording))

    assert recording.outputs["arn"] == boundary(recording).arn
    assert permits(limits, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:bar-x-queue")
    assert not permits(limits, "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:cafe-dev-queue")


def test_the_policy_fits_iams_size_limit(cafe: Recording) -> None:
    # 6,144 characters without white space (IAM quotas, managed policies).
    assert len("".join(boundary(cafe)["policy"].split())) <= 6144
