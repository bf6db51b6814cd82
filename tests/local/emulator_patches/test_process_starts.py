"""The emulator patch that limits how many processes start at once."""

import time

from local.emulator_patches.process_starts import Starts

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
