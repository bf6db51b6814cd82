"""The command line: finding the stack and its queues, and error messages."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.home import Home
from ops.commands import main
from ops.stack import aws_stack, local_stack
from tests.ops.fakes import refused

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def error_of(capsys):
    """Runs a command that fails. Returns its line on standard error."""

    def error_of(*arguments):
        assert main(list(arguments)) == 1
        [line] = capsys.readouterr().err.splitlines()
        return line

    return error_of


class TestFindingTheStack:
    def test_a_home_without_a_run(self, error_of, tmp_path):
        assert error_of("dead-letters", "--home", str(tmp_path)).startswith(f"nothing is running in {tmp_path}; ")

    def test_a_missing_file(self, error_of, tmp_path):
        path = tmp_path / "none.json"
        assert (
            error_of("redrive", "--outputs", str(path)) == f"--outputs {path} cannot be read: No such file or directory"
        )

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("{", "--outputs standard input is not JSON: "),
            ("[]", "--outputs standard input is not a JSON object; "),
            ("{}", "the outputs contain no queue; pass the output of `pulumi stack output --json`"),
        ],
    )
    def test_invalid_outputs(self, error_of, monkeypatch, given, problem):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))

        assert error_of("dead-letters", "--outputs", "-").startswith(problem)

    def test_outputs_from_standard_input_select_the_stack_on_aws(self, stack, monkeypatch, capsys):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(stack.outputs)))

        # The stack's region overrides boto3's default.
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
        assert main(["redrive", "--outputs", "-"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == "orders: empty"

    @pytest.mark.parametrize("arn", ["arn:aws:dynamodb:eu-west-3:1:table/orders", "arn:aws-cn:dynamodb:cn-north-1:1:t"])
    def test_the_region_comes_from_the_table_arn(self, arn):
        client = aws_stack({"ordersTableArn": arn}).client("sqs")

        assert client.meta.region_name == arn.split(":")[3]

    @pytest.mark.parametrize("outputs", [{}, {"ordersTableArn": 7}, {"ordersTableArn": "x"}])
    def test_without_a_valid_arn_the_region_is_boto3s_default(self, outputs, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")

        assert aws_stack(outputs).client("sqs").meta.region_name == "ap-south-1"

    def test_clients_are_cached(self):
        stack = aws_stack({"ordersTableArn": "arn:aws:dynamodb:eu-west-3:1:table/orders"})

        assert stack.client("sqs") is stack.client("sqs")

    def test_a_local_run_is_found_by_its_port(self, tmp_path):
        home = Home(tmp_path)
        with home.lock():
            arn = "arn:aws:dynamodb:eu-west-3:1:table/orders"
            home.write_outputs({"apiUrl": "http://abc.localhost:1234/dev/", "ordersTableArn": arn})
            meta = local_stack(home).client("sqs").meta

        assert (meta.endpoint_url, meta.region_name) == ("http://localhost:1234", "eu-west-3")

    def test_home_and_outputs_exclude_each_other(self):
        with pytest.raises(SystemExit) as ended:
            main(["redrive", "--home", "h", "--outputs", "o"])

        assert ended.value.code == 2


class TestFindingTheQueues:
    def test_an_unknown_queue_is_refused_with_the_known_ones(self, run):
        assert run("redrive", "orders", "tea") == (
            1,
            [],
            ["unknown queue 'tea'; available: orders, intake, stream, kitchen"],
        )

    def test_a_stack_without_a_kitchen_is_valid(self, run, stack):
        del stack.outputs["kitchenDlqUrl"]

        assert run("dead-letters") == (0, ["orders: empty", "intake: empty", "stream: empty"], [])
        line = "unknown queue 'kitchen'; available: orders, intake, stream"
        assert run("redrive", "kitchen") == (1, [], [line])

    @pytest.mark.parametrize("command", ["dead-letters", "redrive"])
    def test_a_queue_missing_from_an_old_stack_is_a_one_line_note(self, run, stack, command):
        del stack.outputs["intakeQueueUrl"]

        code, out, err = run(command)

        assert (code, out) == (0, ["orders: empty", "stream: empty", "kitchen: empty"])
        assert err == ["skipping intake: the stack has no output intakeQueueUrl; deploy it again"]

    def test_a_missing_command_is_a_usage_error(self):
        with pytest.raises(SystemExit) as ended:
            main([])

        assert ended.value.code == 2


class TestAwsErrors:
    @pytest.mark.parametrize("command", ["dead-letters", "redrive"])
    def test_a_queue_that_does_not_exist(self, run, sqs, stack, command):
        sqs.delete_queue(QueueUrl=stack.outputs["intakeDlqUrl"])

        code, out, err = run(command)

        assert (code, out, len(err)) == (1, ["orders: empty"], 1)
        assert err[0].startswith("intake: An error occurred (AWS.SimpleQueueService.NonExistentQueue)")

    @pytest.mark.parametrize("command", ["dead-letters", "redrive"])
    def test_access_denied(self, run, stack, monkeypatch, command):
        def denied(**request):
            raise refused("ReceiveMessage", "AccessDenied")

        monkeypatch.setattr(stack.client("sqs"), "receive_message", denied)

        line = "orders: An error occurred (AccessDenied) when calling the ReceiveMessage operation: not now"
        assert run(command) == (1, [], [line])

    def test_logs_without_permission(self, run, sqs, stack, monkeypatch):
        def denied(*request):
            raise refused("FilterLogEvents", "AccessDeniedException")

        sqs.send_message(QueueUrl=stack.outputs["ordersDlqUrl"], MessageBody="{}")
        monkeypatch.setattr(stack.client("logs"), "get_paginator", denied)

        code, out, [line] = run("dead-letters")

        assert (code, out) == (1, [])
        assert line.startswith("orders: An error occurred (AccessDeniedException)")

    def test_messages_stay_without_permission_to_send(self, run, sqs, stack, monkeypatch):
        def denied(**request):
            raise refused("SendMessage", "AccessDenied")

        id_ = sqs.send_message(QueueUrl=stack.outputs["ordersDlqUrl"], MessageBody="{}")["MessageId"]
        monkeypatch.setattr(sqs, "send_message", denied)

        code, out, err = run("redrive", "orders")

        reason = "An error occurred (AccessDenied) when calling the SendMessage operation: not now"
        assert (code, out, err) == (1, ["orders: 0 sent back, 1 remaining", f"  {id_}: {reason}"], [])

    def test_no_credentials(self):
        outputs = dict.fromkeys(("ordersDlqUrl", "ordersQueueUrl", "sqsLambda"), "http://localhost:1/q")
        content = json.dumps({**outputs, "ordersTableArn": "arn:aws:dynamodb:eu-west-3:1:table/orders"})
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        command = [sys.executable, "-m", "ops", "redrive", "orders", "--outputs", "-"]

        ended = subprocess.run(
            command,
            cwd=ROOT,
            input=content,
            capture_output=True,
            text=True,
            env={**kept, **files, "AWS_EC2_METADATA_DISABLED": "true"},
        )

        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == "orders: Unable to locate credentials\n"


def test_work_done_before_an_interrupt_is_reported(run, sqs, stack, monkeypatch):
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=stack.outputs["ordersDlqUrl"], MessageBody=body)
    send, sent = sqs.send_message, []

    def once(**request):
        if sent:
            raise KeyboardInterrupt
        sent.append(request)
        return send(**request)

    monkeypatch.setattr(sqs, "send_message", once)

    assert run("redrive") == (130, ["orders: 1 sent back, 0 remaining"], [])
    attributes = sqs.get_queue_attributes(QueueUrl=stack.outputs["ordersDlqUrl"], AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "1"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
