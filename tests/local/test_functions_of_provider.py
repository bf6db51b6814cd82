"""The provider's functions that need no AWS."""

import json

import pytest

from local.errors import UserError
from local.functions_of_provider import call, policy_document


def test_a_policy_document() -> None:
    given = {
        "statements": [
            {"sid": "Read", "actions": ["s3:GetObject"], "resources": ["a", "b"]},
            {
                "effect": "Deny",
                "notActions": ["s3:PutObject"],
                "notResources": ["c"],
                "principals": [
                    {"type": "Service", "identifiers": ["lambda.amazonaws.com"]},
                    {"type": "AWS", "identifiers": ["1"]},
                    {"type": "AWS", "identifiers": ["2"]},
                ],
                "conditions": [
                    {"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]},
                    {"test": "StringEquals", "variable": "aws:PrincipalTag/a", "values": ["x"]},
                    {"test": "StringEquals", "variable": "aws:PrincipalTag/a", "values": ["y"]},
                ],
            },
            {"actions": ["sqs:SendMessage"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}]},
        ]
    }

    assert json.loads(policy_document(given)) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a", "b"]},
            {
                "Effect": "Deny",
                "NotAction": "s3:PutObject",
                "NotResource": "c",
                "Principal": {"Service": "lambda.amazonaws.com", "AWS": ["1", "2"]},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1", "aws:PrincipalTag/a": ["x", "y"]}},
            },
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Principal": "*"},
        ],
    }


def test_zones_belong_to_the_region() -> None:
    zones = call("aws:index/getAvailabilityZones:getAvailabilityZones", "eu-west-1", {})["names"]

    assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def test_a_function_that_needs_aws_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="does not support the function aws:ec2/getAmi:getAmi"):
        call("aws:ec2/getAmi:getAmi", "us-east-1", {})


@pytest.mark.parametrize(
    ("token", "arguments", "message"),
    [
        ("aws:iam/getPolicyDocument:getPolicyDocument", {"sourcePolicyDocuments": ["{}"]}, "sourcePolicyDocuments"),
        ("aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [{"nothing": 1}]}, "the argument nothing"),
        ("aws:index/getRegion:getRegion", {"region": "eu-west-1"}, "one region, us-east-1, not eu-west-1"),
        ("aws:index/getPartition:getPartition", {"service": "s3"}, "the argument service"),
    ],
)
def test_an_argument_that_would_be_ignored_is_refused(token: str, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        call(token, "us-east-1", arguments)
