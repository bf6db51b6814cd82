"""Listing dead letters shows their details and leaves them unchanged."""

import json
import signal
import time
from datetime import datetime

import pytest

from local.text import short
from ops.interrupts import interruptible
from ops.queues import held
from ops.reasons import last_reasons
from tests.ops.conftest import GROUP, receive_all
from tests.ops.fakes import FakeSqs

ALL_EMPTY = ["orders: empty", "intake: empty", "stream: empty", "kitchen: empty"]


def now_ms():
    return int(time.time() * 1000)


def failed(record, reason, **more):
    return {"level": "ERROR", "message": "record failed", "record": record, "reason": reason, **more}


@pytest.fixture
def put(stack, sqs):
    """Sends a message to a dead-letter queue. Returns its id."""

    def put(queue, body, **attributes):
        values = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        body = body if isinstance(body, str) else json.dumps(body)
        url = stack.outputs[f"{queue}DlqUrl"]
        return sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=values)["MessageId"]

    return put


@pytest.fixture
def shown(run):
    """Lists the only message. Returns its first line, what it is about, and why it failed."""

    def shown():
        code, out, err = run("dead-letters")
        assert (code, err) == (0, [])
        first, about, why = [line for line in out if line.startswith("  ")]
        return first.strip(), about.removeprefix("    about: "), why.removeprefix("    why: ")

    return shown


def test_an_empty_queue_is_listed_as_empty(run):
    assert run("dead-letters") == (0, ALL_EMPTY, [])


def test_listing_leaves_every_message_in_its_queue_and_visible(put, run, sqs, stack):
    for n in range(23):
        put("orders", {"n": n})

    for _ in range(2):
        code, out, _ = run("dead-letters")
        assert (code, out[0]) == (0, "orders: 23 messages")

    assert len(receive_all(sqs, stack.outputs["ordersDlqUrl"])) == 23


def test_a_message_is_shown_with_its_id_time_and_receives(put, shown):
    id_ = put("orders", {})

    shown()
    first, _, _ = shown()

    assert first.startswith(f"{id_}  sent 20")
    assert first.endswith("+00:00  received 2 times")


@pytest.mark.parametrize(
    ("queue", "body", "attributes", "about"),
    [
        ("orders", {"customer": "ann", "id": "7"}, {}, "customer ann, order 7, 30 characters of JSON"),
        ("orders", {"customer": 7, "id": ["x"]}, {}, "28 characters of JSON"),
        ("orders", "[1]", {}, "3 characters of JSON"),
        ("orders", "{ this is no JSON", {}, "17 characters of invalid JSON"),
        ("orders", " ", {}, "1 characters of invalid JSON"),
        ("orders", "[" * 100_000, {}, "100000 characters of invalid JSON"),
        ("kitchen", {"customer": "Zoë ☕"}, {}, "customer Zoë ☕, 31 characters of JSON"),
        (
            "intake",
            {"id": "mine", "customer": "bob"},
            {"customer": "ann"},
            "customer ann, order ID, 33 characters of JSON",
        ),
        ("intake", {}, {"customer": "ann", "orderId": "first"}, "customer ann, order first, 2 characters of JSON"),
    ],
)
def test_a_message_is_shown_with_its_customer_and_order(put, shown, queue, body, attributes, about):
    id_ = put(queue, body, **attributes)

    assert shown()[1] == about.replace("ID", id_)


def test_a_long_body_is_truncated(put, shown):
    put("orders", {"customer": "secret" * 1000})

    assert len(shown()[1]) < 200


def test_control_characters_are_replaced(put, log, shown):
    id_ = put("orders", {"customer": "\x1b[2J\x07\nann\ud800", "id": "\u202e7"})
    log(now_ms(), failed(id_, "ValueError: \x1b[31m\nred"))

    _, about, why = shown()

    assert about.startswith("customer �[2J� ann�, order �7, ")
    assert why == "ValueError: �[31m red"


def test_the_last_reason_is_shown(put, log, shown):
    id_, now = put("orders", {}), now_ms()
    log(now, failed(id_, "first"), failed("another", "not this"), "START RequestId: 1", {"message": "processed"})
    log(now + 1, failed(id_, "ClientError: the table is busy"))

    assert shown()[2] == "ClientError: the table is busy"


def test_a_missing_reason_is_stated(put, shown):
    put("intake", {})

    assert shown()[2] == "no reason in the log of create: the function was terminated, or the line is too old"


def test_a_missing_log_is_stated(put, shown, clients):
    clients["logs"].delete_log_group(logGroupName=GROUP)
    put("orders", {})

    assert shown()[2].startswith("no reason in the log of accept")


def test_lines_that_only_look_like_reasons_are_ignored():
    lines = ['"record failed"', '["record failed"]', '{"message": "record failed"}', "record failed {", "null"]
    lines.append(json.dumps({"message": "it says: record failed", "record": "1", "reason": "no"}))

    assert last_reasons({"timestamp": 1, "message": line} for line in lines) == {}


def test_the_latest_reason_is_found_by_record_and_by_call():
    events = [
        {"timestamp": 2, "message": json.dumps(failed("1", "late", function_request_id="call"))},
        {"timestamp": 1, "message": json.dumps(failed("1", "early", function_request_id="call"))},
    ]

    assert last_reasons(events) == {"1": "late", "call": "late"}


def test_json_has_a_list_for_each_queue(put, log, run):
    id_ = put("orders", {"customer": "ann", "id": "7"})
    log(now_ms(), failed(id_, "KeyError: 'é'"))

    code, out, err = run("dead-letters", "--json")

    content = json.loads("\n".join(out))
    [letter] = content.pop("orders")
    assert (code, err) == (0, [])
    assert content == {"intake": [], "stream": [], "kitchen": []}
    assert abs(datetime.fromisoformat(letter.pop("sent")).timestamp() - time.time()) < 60
    about = "customer ann, order 7, 30 characters of JSON"
    assert letter == {"queue": "orders", "id": id_, "receives": 1, "about": about, "why": "KeyError: 'é'"}


def test_messages_hidden_by_another_reader_are_reported(put, run, sqs, stack):
    for _ in range(2):
        put("orders", {})
    with held(sqs, stack.outputs["ordersDlqUrl"]):
        _, out, _ = run("dead-letters")
        _, sent, _ = run("redrive", "orders")

    hint = "orders: empty (and about 2 messages hidden for up to 5 minutes by another reader)"
    assert (out[0], sent) == (hint, [hint])
    assert run("dead-letters")[1][0] == "orders: 2 messages"


def test_an_interrupted_listing_leaves_nothing_hidden():
    sqs = FakeSqs()
    for n in range(15):
        sqs.put("dlq", {"MessageBody": str(n)})

    with pytest.raises(KeyboardInterrupt), held(sqs, "dlq"):
        raise KeyboardInterrupt

    assert (len(sqs.bodies("dlq")), sqs.hidden("dlq")) == (15, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_receive_to_finish(number):
    sqs, receive = FakeSqs(), FakeSqs.receive_message
    for n in range(15):
        sqs.put("dlq", {"MessageBody": str(n)})

    def signalled(**request):
        answer = receive(sqs, **request)
        signal.raise_signal(number)
        return answer

    sqs.receive_message = signalled
    before = signal.getsignal(signal.SIGTERM)
    interruptible()
    try:
        with pytest.raises(KeyboardInterrupt), held(sqs, "dlq"):
            pass
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (sqs.calls, len(sqs.bodies("dlq")), sqs.hidden("dlq")) == (["show"], 15, [])


def test_reading_ends_even_if_messages_stay_visible():
    sqs, receive = FakeSqs(), FakeSqs.receive_message
    for n in range(3):
        sqs.put("dlq", {"MessageBody": str(n)})

    def forgetful(**request):
        answer = receive(sqs, **request)
        for message in sqs.queues["dlq"].values():
            message["hidden"] = False
        return answer

    sqs.receive_message = forgetful
    with held(sqs, "dlq") as messages:
        assert len(messages) == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [("", ""), ("a\r\n\tb", "a b"), ("x" * 20, "xxxxxxxxx…"), ("x" * 10, "x" * 10), ("☕\u200b", "☕�")],
)
def test_short_text_is_one_line(text, line):
    assert short(text, 10) == line
