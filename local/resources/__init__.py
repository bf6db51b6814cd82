"""Creates each resource type in the emulator, one module per AWS service."""

from . import (
    apigateway,
    cloudfront,
    cloudwatch,
    codedeploy,
    cognito,
    dynamodb,
    iam,
    kms,
    lambda_,
    logs,
    s3,
    ses,
    sns,
    sqs,
    stepfunctions,
)
from .registry import CREATORS, SKIPPED, Created, Creator, Planned

__all__ = [
    "CREATORS",
    "SKIPPED",
    "Created",
    "Creator",
    "Planned",
    "apigateway",
    "cloudfront",
    "cloudwatch",
    "codedeploy",
    "cognito",
    "dynamodb",
    "iam",
    "kms",
    "lambda_",
    "logs",
    "s3",
    "ses",
    "sns",
    "sqs",
    "stepfunctions",
]
