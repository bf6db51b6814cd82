"""Rules for sizes: limits of AWS on texts and documents, which the emulator does not check."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policy.documents import document
from policy.kinds import (
    ALARM,
    BUCKET_POLICY,
    FUNCTION,
    MANAGED_POLICY,
    QUEUE_POLICY,
    RESPONSE_HEADERS,
    REST_API_DOCUMENT,
    ROLE,
    ROLE_POLICY,
    STATE_MACHINE,
    TOPIC_POLICY,
)
from policy.rule import Resource, example, rule


class SizeLimit(NamedTuple):
    """The largest size that AWS accepts of an input."""

    input: str
    largest: int
    source: str
    """Where AWS says so."""
    size: Callable[[Any], int] = lambda value: len(str(value).encode())
    """How AWS measures the value. Default: in bytes."""


def without_spaces(text: str) -> int:
    """IAM does not count white space."""
    return len(re.sub(r"\s", "", text))


def variables(environment: Mapping[str, Any]) -> int:
    """Lambda counts names and values; six more characters for each are its JSON."""
    found = environment.get("variables") or {}
    return sum(len(name.encode()) + len(str(value).encode()) + 6 for name, value in found.items())


SIZE_LIMITS = {
    ALARM: [SizeLimit("alarmDescription", 1024, "CloudWatch API reference, PutMetricAlarm", len)],
    BUCKET_POLICY: [SizeLimit("policy", 20 * 1024, "S3 user guide, Bucket policies")],
    FUNCTION: [
        SizeLimit("environment", 4096, "Lambda quotas", variables),
        SizeLimit("description", 256, "Lambda API reference, CreateFunction", len),
    ],
    MANAGED_POLICY: [SizeLimit("policy", 6144, "IAM quotas", without_spaces)],
    QUEUE_POLICY: [SizeLimit("policy", 8192, "SQS quotas")],
    RESPONSE_HEADERS: [
        SizeLimit(
            "securityHeadersConfig",
            1783,
            "CloudFront quotas: the length of a content security policy",
            lambda headers: len(headers.get("contentSecurityPolicy", {}).get("contentSecurityPolicy", "")),
        )
    ],
    REST_API_DOCUMENT: [SizeLimit("body", 6 * 1024 * 1024, "API Gateway API reference, PutRestApi")],
    ROLE: [
        SizeLimit("assumeRolePolicy", 2048, "IAM quotas", without_spaces),
        SizeLimit("description", 1000, "IAM API reference, CreateRole", len),
    ],
    # The limit is for all inline policies of a role together; each role here has one.
    ROLE_POLICY: [SizeLimit("policy", 10_240, "IAM quotas", without_spaces)],
    STATE_MACHINE: [SizeLimit("definition", 1_048_576, "Step Functions API reference, CreateStateMachine")],
    TOPIC_POLICY: [SizeLimit("policy", 30_720, "SNS API reference, SetTopicAttributes")],
}


@rule(
    "aws-accepts-the-size",
    "AWS refuses what is too large only when the resource is created, half-way through a deployment.",
    on=list(SIZE_LIMITS),
    violating=[
        [example(FUNCTION, environment={"variables": {"NAMES": "x" * 4096}})],
        [example(FUNCTION, description="x" * 257)],
        [example(MANAGED_POLICY, policy=document({"Effect": "Allow", "Action": ["a:b" * 2100], "Resource": "*"}))],
        [example(ROLE_POLICY, policy="x" * 10_241)],
        [example(ROLE, assumeRolePolicy="x" * 2049)],
        [example(ALARM, alarmDescription="x" * 1025)],
        [
            example(
                RESPONSE_HEADERS, securityHeadersConfig={"contentSecurityPolicy": {"contentSecurityPolicy": "x" * 1784}}
            )
        ],
    ],
    compliant=[
        [example(FUNCTION, environment={"variables": {"NAMES": "x" * 4085}})],
        [example(FUNCTION)],
        [example(MANAGED_POLICY, policy=" " * 7000)],
        [example(RESPONSE_HEADERS, securityHeadersConfig={"frameOptions": {"frameOption": "DENY"}})],
    ],
)
def aws_accepts_the_size(resource: Resource) -> Iterator[str]:
    """No text or document is larger than AWS accepts."""
    for limit in SIZE_LIMITS[resource.type]:
        value = resource.get(limit.input)
        size = limit.size(value) if value else 0
        if size > limit.largest:
            allowed = f"AWS allows {limit.largest:,} ({limit.source})"
            yield f"{limit.input} has a size of {size:,}, {allowed}: make it smaller"
