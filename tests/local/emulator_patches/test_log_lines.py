"""The emulator patch that logs a call's lines with that call."""

import io
import json
import subprocess
import sys
import zipfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from local.emulator_patches.log_lines import Pipe

CALLS = 40

WRITE_AND_ANSWER = """
import sys
sys.stderr.write({!r})
print("answered", flush=True)
sys.stdin.read()
"""

FUNCTION = """
import os
def handler(event, context):
    for n in range(3):
        print(f"line {n} of {event['call']}")
    if event["dies"]:
        os._exit(1)
"""


def taken(lines):
    return [lines.get_nowait() for _ in range(lines.qsize())]


@pytest.mark.parametrize(
    ("text", "at_once", "at_the_end"),
    [
        ("", [], []),
        ("one\ntwo\n", ["one", "two"], []),
        ("café ☕\n\nhalf", ["café ☕", ""], ["half"]),
        ("x" * 9000 + "\n", ["x" * 9000], []),
    ],
    ids=["nothing", "lines", "half a line", "a long line"],
)
def test_lines_written_before_an_answer_arrive_with_the_answer(text, at_once, at_the_end):
    command = [sys.executable, "-X", "utf8", "-c", WRITE_AND_ANSWER.format(text)]
    lines = SimpleQueue()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        pipe = Pipe(process.stderr, lines)
        process.stdout.readline()

        assert pipe.take()
        assert taken(lines) == at_once

        process.stdin.close()
        pipe.follow()
        assert taken(lines) == at_the_end


@pytest.fixture(scope="module")
def function(aws):
    """A function that logs three lines per call and then dies if the event asks for it."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("logs.py", FUNCTION)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.client("iam").create_role(RoleName="logs", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    aws.client("lambda").create_function(
        FunctionName="logs", Runtime="python3.13", Role=role, Handler="logs.handler", Code={"ZipFile": code.getvalue()}
    )
    return "logs"


def test_each_calls_log_has_only_its_own_lines(aws, function):
    def call(n):
        event = {"call": n, "dies": n % 10 == 0}
        aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(call, range(CALLS)))

    logged = defaultdict(list)
    for page in aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}"):
        for event in page["events"]:
            logged[event["logStreamName"]] += [event["message"]] if event["message"].startswith("line ") else []
    expected = [[f"line {n} of {call}" for n in range(3)] for call in range(CALLS)]
    assert sorted(logged.values()) == sorted(expected)
