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
def test_a_client_does_what_boto3s_does(service):
    ours, theirs = aws.client(service), boto3.client(service)

    assert ours.meta.service_model.service_name == service
    assert ours.meta.service_model.api_version == theirs.meta.service_model.api_version
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.region_name == theirs.meta.region_name
    assert ours.meta.method_to_api_mapping == theirs.meta.method_to_api_mapping


def test_there_is_one_client_for_a_service():
    assert aws.client("dynamodb") is aws.client("dynamodb")


def test_a_client_is_made_as_it_is_asked_for():
    assert aws.client("cognito-idp", Config(signature_version=UNSIGNED)).meta.config.signature_version is UNSIGNED


def test_a_service_that_functions_do_not_call_is_unknown():
    with pytest.raises(UnknownServiceError, match="ec2"):
        aws.client("ec2")


def test_every_service_that_is_asked_for_is_known():
    asked = {
        node.args[0].value
        for path in LAMBDAS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "aws.client"
    }

    assert asked == {*SERVICES}


@pytest.mark.parametrize("service", ["s3", "ec2"])
def test_making_a_client_leaves_the_garbage_to_be_collected(service):
    with suppress(UnknownServiceError):
        aws.client.__wrapped__(service)

    assert gc.isenabled()
