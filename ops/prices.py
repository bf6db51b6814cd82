"""What AWS asks for what the café uses: on-demand list prices in us-east-1, first tier, without the free tier.

They were written down by hand, as they stood in 2025, and nothing compares them with the pages that they name: do that
before you rely on a figure. For another region, or with a discount of your own, change them here.
"""

from typing import NamedTuple

REGION = "us-east-1"
TAKEN = "2025"
"""When the prices were written down."""

MONTH_HOURS = 730
"""A month, as AWS counts it."""

GB = 1e9
"""Bytes. Most services count 2 to the power of 30 for one, so this errs to the dear side, by 7 %."""


class Price(NamedTuple):
    """What a number of units costs."""

    dollars: float
    per: float
    unit: str
    page: str
    """Where AWS publishes it."""


API_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
CLOUDFRONT = "https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/"
CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
COGNITO = "https://aws.amazon.com/cognito/pricing/"
DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
KMS = "https://aws.amazon.com/kms/pricing/"
LAMBDA = "https://aws.amazon.com/lambda/pricing/"
SNS = "https://aws.amazon.com/sns/pricing/"
SQS = "https://aws.amazon.com/sqs/pricing/"
WAF = "https://aws.amazon.com/waf/pricing/"
XRAY = "https://aws.amazon.com/xray/pricing/"

PRICES = {
    "api-request": Price(3.50, 1e6, "requests to a REST API", API_GATEWAY),
    "cdn-request": Price(1.00, 1e6, "HTTPS requests", CLOUDFRONT),
    "cdn-gb": Price(0.085, 1, "GB to the internet", CLOUDFRONT),
    "log-gb": Price(0.50, 1, "GB taken into logs", CLOUDWATCH),
    "log-gb-month": Price(0.03, 1, "GB of compressed logs, a month", CLOUDWATCH),
    "metric": Price(0.30, 1, "metrics of one's own, a month", CLOUDWATCH),
    "alarm": Price(0.10, 1, "alarms, a month", CLOUDWATCH),
    "dashboard": Price(3.00, 1, "dashboards, a month", CLOUDWATCH),
    "user-essentials": Price(0.015, 1, "users who are active in a month, tier Essentials", COGNITO),
    "user-plus": Price(0.02, 1, "users who are active in a month, tier Plus", COGNITO),
    "write": Price(0.625, 1e6, "write request units", DYNAMODB),
    "read": Price(0.125, 1e6, "read request units", DYNAMODB),
    "table-gb-month": Price(0.25, 1, "GB in tables and indexes, a month", DYNAMODB),
    "backup-gb-month": Price(0.20, 1, "GB with point-in-time recovery, a month", DYNAMODB),
    "key": Price(1.00, 1, "keys of one's own, a month", KMS),
    "call": Price(0.20, 1e6, "calls of functions", LAMBDA),
    "gb-second-arm64": Price(0.0000133334, 1, "GB-seconds on arm64", LAMBDA),
    "gb-second-x86_64": Price(0.0000166667, 1, "GB-seconds on x86_64", LAMBDA),
    "kept-gb-second-arm64": Price(0.0000033334, 1, "GB-seconds kept started on arm64", LAMBDA),
    "kept-gb-second-x86_64": Price(0.0000041667, 1, "GB-seconds kept started on x86_64", LAMBDA),
    "publish": Price(0.50, 1e6, "messages published", SNS),
    "queue-request": Price(0.40, 1e6, "requests to standard queues", SQS),
    "acl": Price(5.00, 1, "web ACLs, a month", WAF),
    "rule": Price(1.00, 1, "rules and managed rule groups, a month", WAF),
    "inspection": Price(0.60, 1e6, "requests inspected", WAF),
    "trace": Price(5.00, 1e6, "traces recorded", XRAY),
}
"""Every price, by what it is for."""
