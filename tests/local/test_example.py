"""The documentation's example, unchanged, on the emulator."""

import contextlib

from local.deployment import deploy
from local.project import Project
from local.state import State
from tests.local.conftest import ROOT, eventually

EXAMPLE = ROOT / "docs" / "example"


def test_a_letter_is_printed(aws, monkeypatch):
    monkeypatch.chdir(EXAMPLE)  # where Pulumi runs a program
    outputs = deploy(Project(EXAMPLE, "letters", "dev", {"aws:region": "us-east-1"}), aws, State())
    aws.client("sqs").send_message(QueueUrl=outputs["url"], MessageBody="Dear café ☕")
    logs = aws.client("logs")

    def is_printed():
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            events = logs.filter_log_events(logGroupName=outputs["log"])["events"]
            return any("Dear café ☕" in event["message"] for event in events)

    eventually(is_printed)


def test_the_example_has_at_most_twenty_lines_of_code():
    lines = (EXAMPLE / "__main__.py").read_text(encoding="utf-8").splitlines()

    assert len([line for line in lines if line.strip() and not line.startswith('"""')]) <= 20
