"""Dead letters are discarded by their IDs, and never without a record."""

import json

import pytest

from tests.ops.conftest import receive_all


@pytest.fixture
def put(stack, sqs):
    def send(body):
        attributes = {
            "customer": {"DataType": "String", "StringValue": "Zoë ☕"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\xff"},
        }
        url = stack.outputs["intakeDlqUrl"]
        return sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)["MessageId"]

    return send


def left(sqs, stack):
    """The bodies of the remaining messages."""
    return set(receive_all(sqs, stack.outputs["intakeDlqUrl"]))


def test_messages_are_recorded_and_deleted(run, stack, sqs, put, tmp_path):
    first, _, third = put("{"), put("☕"), put("x" * 100_000)
    record = tmp_path / "record.jsonl"

    code, out, err = run("discard", "intake", first, third, first, "--record", str(record))

    assert (code, out, err) == (0, [f"intake: 2 messages discarded, recorded in {record}"], [])
    kept = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert [(each["queue"], each["id"], each["body"]) for each in kept] == [
        ("intake", first, "{"),
        ("intake", third, "x" * 100_000),
    ]
    assert kept[0]["attributes"]["customer"]["StringValue"] == "Zoë ☕"
    assert left(sqs, stack) == {"☕"}


def test_a_record_is_continued(run, put, tmp_path):
    record = tmp_path / "record.jsonl"

    for body in ("1", "2"):
        assert run("discard", "intake", put(body), "--record", str(record))[0] == 0

    assert len(record.read_text(encoding="utf-8").splitlines()) == 2


def test_an_unknown_message_discards_nothing(run, stack, sqs, put, tmp_path):
    known = put("{")

    code, _, [line] = run("discard", "intake", known, "no-such-id", "--record", str(tmp_path / "record"))

    assert (code, line) == (1, "intake: there is no message no-such-id; `dead-letters` shows all")
    assert left(sqs, stack) == {"{"}
    assert not (tmp_path / "record").exists()


def test_without_a_record_nothing_is_discarded(run, stack, sqs, put, tmp_path):
    known = put("{")

    code, _, [line] = run("discard", "intake", known, "--record", str(tmp_path / "missing" / "record"))

    assert code == 1
    assert line.endswith("No such file or directory; nothing more was discarded")
    assert left(sqs, stack) == {"{"}


def test_an_unknown_queue_is_refused(run):
    code, _, [line] = run("discard", "letters", "id")

    assert (code, line.split(";")[0]) == (1, "unknown queue 'letters'")
