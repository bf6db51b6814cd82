import ast
import gc
from contextlib import suppress
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import UnknownServiceError

from lambdas.runtime import aws
from lambdas.runtime.botocore_data import SERVICES

LAMBDAS = Path(__file__).parents[3] / "lambdas"


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_is_like_boto3s(service):
    ours, theirs = aws.client(service), boto3.client(service)

    assert ours.meta.service_model.service_name == service
    assert ours.meta.service_model.api_version == theirs.meta.service_model.api_version
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.region_name == theirs.meta.region_name
    assert ours.meta.method_to_api_mapping == theirs.meta.method_to_api_mapping


def test_each_service_has_one_client():
    assert aws.client("dynamodb") is aws.client("dynamodb")


def test_a_client_has_the_given_config():
    assert aws.client("cognito-idp", Config(signature_version=UNSIGNED)).meta.config.signature_version is UNSIGNED


def test_a_service_that_no_function_calls_is_unknown():
    with pytest.raises(UnknownServiceError, match="ec2"):
        aws.client("ec2")


def test_services_lists_every_requested_service():
    requested = {
        node.args[0].value
        for path in LAMBDAS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "aws.client"
    }

    assert requested == {*SERVICES}


@pytest.mark.parametrize("service", ["s3", "ec2"])
def test_garbage_collection_is_enabled_after_creating_a_client(service):
    with suppress(UnknownServiceError):
        aws.client.__wrapped__(service)

    assert gc.isenabled()
