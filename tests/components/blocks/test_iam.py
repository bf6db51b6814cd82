"""Policy documents."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.blocks.iam import allow, document, trust
from tests.components.recorder import ACCOUNT, record


def resolved(output: Callable[[], pulumi.Output[str]]) -> Any:
    return json.loads(record(lambda: pulumi.export("document", output())).outputs["document"])


def test_a_grant_becomes_a_statement() -> None:
    assert allow({"actions": ("sqs:SendMessage", "sqs:ReceiveMessage"), "resources": ["arn:1"]}) == {
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
        "Resource": ["arn:1"],
    }


def test_a_document_keeps_the_order_of_statements_and_resolves_outputs() -> None:
    def output() -> pulumi.Output[str]:
        arn = pulumi.Output.from_input("arn:a").apply(lambda text: f"{text}/b")
        condition = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"x": arn}}}
        return document(allow({"actions": ["s3:GetObject"], "resources": [arn]}), condition)

    assert resolved(output) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:a/b"]},
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"x": "arn:a/b"}}},
        ],
    }


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("lambda.amazonaws.com", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
        # It passes no account, and would be refused.
        ("apigateway.amazonaws.com", {}),
    ],
)
def test_a_trust_policy_names_the_service_and_its_account(service: str, condition: dict[str, object]) -> None:
    assert resolved(lambda: trust(service, None))["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **condition}
    ]
