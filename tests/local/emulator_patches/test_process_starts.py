"""The emulator patch that limits how many processes start at once."""

import io
import json
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.emulator_patches.process_starts import Starts

ROLE = "arn:aws:iam::000000000000:role/any"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:*"}]}
CALLS_ITSELF = """
import boto3, json
def handler(event, context):
    depth = event["depth"]
    if depth:
        client = boto3.client("lambda")
        answer = client.invoke(FunctionName=context.function_name, Payload=json.dumps({"depth": depth - 1}))
        return 1 + json.load(answer["Payload"])
    return 0
"""
WAITS = """
import os, time
def handler(event, context):
    time.sleep(event["seconds"])
    return os.getpid()
"""


@pytest.fixture
def call(aws):
    """Creates a function, and calls it with events, all at once."""
    client, iam = aws.client("lambda"), aws.client("iam")
    made = []

    def run(source, *events):
        name = f"starts-{len(made)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        policy = {"Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="it", PolicyDocument=json.dumps(policy))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("it.py", source)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="it.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
        )
        made.append(name)
        with ThreadPoolExecutor(len(events)) as callers:
            answers = callers.map(
                lambda event: client.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read(), events
            )
            return [json.loads(answer) for answer in answers]

    yield run
    for name in made:
        client.delete_function(FunctionName=name)
        iam.delete_role_policy(RoleName=name, PolicyName="it")
        iam.delete_role(RoleName=name)


def test_short_calls_share_a_few_processes(call):
    processes = call(WAITS, *[{"seconds": 0.01}] * 60)

    assert len(processes) == 60
    assert len(set(processes)) <= 10


def test_long_calls_run_at_the_same_time(call):
    began = time.monotonic()
    processes = call(WAITS, *[{"seconds": 5}] * 6)

    assert len(set(processes)) == 6
    assert time.monotonic() - began < 15


def test_a_function_that_calls_itself_does_not_wait_for_itself(call):
    assert call(CALLS_ITSELF, {"depth": 3}, {"depth": 3}) == [3, 3]


def test_a_process_that_started_with_replaced_code_serves_no_later_call():
    starts, function = (
        Starts(),
        ("outdated", {"FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:outdated"}),
    )
    # This call read the code before an update, and got its process after it.
    late, _ = starts.acquire(*function, b"old")
    starts.release(late)

    worker, how = starts.acquire(*function, b"new")
    starts.release(worker)

    assert (worker.code_zip, how) == (b"new", "spawn")
    assert starts.acquire(*function, b"new") == (worker, "reused")
