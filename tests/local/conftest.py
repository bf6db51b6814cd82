"""A running emulator, and the whole café on it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from local.cafe.seed import PASSWORD, api_client
from local.emulator import Emulator, free_port
from local.emulator_client import Aws
from local.project import Project

ROOT = Path(__file__).parent.parent.parent

TIMEOUT_SECONDS = 300
"""Seconds, generous for a busy machine: an idle one needs one or two. A wait ends as soon as its condition holds."""

fetch = partial(httpx.get, trust_env=False, timeout=TIMEOUT_SECONDS)
"""GET from this machine, without a proxy."""


def eventually(look, seconds=TIMEOUT_SECONDS):
    """Call `look` until it returns something truthy, and return that."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.05)


def soonest(measure, enough, tries=10):
    """The shortest of several measurements, in seconds. Stops at the first one below `enough`, so only a busy machine
    takes all of them."""
    shortest = float("inf")
    for _ in range(tries):
        shortest = min(shortest, measure())
        if shortest < enough:
            break
    return shortest


def local(*arguments: str, root: Path = ROOT, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `python -m local` until it exits."""
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, **options)


def group_is_alive(leader: int) -> bool:
    """Whether a process group still has processes."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def write_program(root: Path, source: str, **config: str) -> Project:
    """Write a small program into its own project."""
    (root / "__main__.py").write_text(source)
    return Project(root, "tiny", "test", {"aws:region": "us-east-1", **config})


def program(root: Path, body: str) -> Project:
    """A small project whose program has this body."""
    return write_program(root, f"import pulumi\nimport pulumi_aws as aws\n{body}\n")


@contextmanager
def running_emulator(folder):
    """An emulator that runs while the block lasts."""
    running = Emulator(free_port(), folder, "us-east-1")
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    with running_emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def aws(emulator):
    return Aws(emulator.endpoint, "us-east-1")


class Cafe(NamedTuple):
    """A running café: its home, its outputs and an unauthenticated client of its API."""

    home: Path
    outputs: dict[str, str]
    port: int
    api: httpx.Client
    aws: Aws

    def sign_in(self, name: str) -> dict[str, str]:
        """The authorization header of `ann`, `bob` or `sam`."""
        answer = self.api.post("authenticate", json={"username": f"{name}@example.com", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@contextmanager
def running_cafe(home, *settings, root=ROOT):
    """A café in its own home that runs while the block lasts. `settings` (`KEY=VALUE`) override the stack's; `root` is
    the project. Unless they say otherwise, a customer can have any number of open orders, as tests place many."""
    given = [argument for setting in ("openOrders=0", *settings) for argument in ("--config", setting)]
    try:
        started = local("up", "--detach", "--home", str(home), *given, root=root)
        assert started.returncode == 0, started.stderr
        outputs = json.loads(local("output", "--json", "--home", str(home)).stdout)
        port = urlsplit(outputs["apiUrl"]).port
        with api_client(outputs["apiUrl"], port) as api:
            api.timeout = TIMEOUT_SECONDS
            yield Cafe(home, outputs, port, api, Aws(f"http://localhost:{port}", "us-east-1"))
    finally:
        assert local("down", "--home", str(home)).returncode == 0


@pytest.fixture(scope="session")
def cafe(tmp_path_factory):
    with running_cafe(tmp_path_factory.mktemp("cafe")) as cafe:
        yield cafe


def subscribed_queue(cafe, name, **attributes):
    """The URL of a new queue subscribed to the topic, with these subscription attributes."""
    sqs, sns = cafe.aws.client("sqs"), cafe.aws.client("sns")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = cafe.aws.arn("sqs", name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = cafe.outputs["userNotificationTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url


def depth(cafe, output):
    """How many messages a queue holds, including those in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counted = cafe.aws.client("sqs").get_queue_attributes(QueueUrl=cafe.outputs[output], AttributeNames=names)
    return sum(int(counted["Attributes"][name]) for name in names)


class Subscriber:
    """Collects the topic's customer notifications from now on, through a subscribed queue with these subscription
    attributes."""

    def __init__(self, cafe, name, **attributes):
        self._sqs = cafe.aws.client("sqs")
        self._url = subscribed_queue(cafe, name, **attributes)
        self._notifications: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def notifications(self):
        """All SNS notifications so far."""
        with self._lock:
            while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
                self._notifications += [json.loads(message["Body"]) for message in messages]
                entries = [
                    {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)
                ]
                self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
            return list(self._notifications)

    def changes(self):
        """The changes in all notifications so far, including duplicates."""
        return [json.loads(notification["Message"]) for notification in self.notifications()]

    def counts(self):
        """The number of notifications, by order id and status."""
        return Counter((change["id"], change["status"]) for change in self.changes())
