"""Records as people read them."""

import msgspec
import pytest

from local.recorder.raw import PAYLOAD_BYTES, Kind, Payload, Verdict, decode, encode
from local.recorder.record import read
from tests.local.recorder.records import QUEUE, TABLE, call, invocation, messages, raw, record


@pytest.mark.parametrize(
    ("host", "path", "kind", "title", "target"),
    [
        ("0a1b2c3d.execute-api.localhost:1", "/dev/orders", "request", "POST /orders", "0a1b2c3d"),
        ("localhost:1", "/_aws/execute-api/0a1b2c3d/dev/orders?limit=1", "request", "POST /orders", "0a1b2c3d"),
        ("d1.cloudfront.localhost:1", "/index.html", "request", "POST /index.html", "d1.cloudfront.localhost"),
        ("localhost:2", "/app.js", "request", "POST /app.js", "localhost:2"),
    ],
)
def test_requests_are_named_by_what_they_reach(host, path, kind, title, target):
    found = record(1, Kind.REQUEST, path, method="POST", host=host, status=200)
    assert (found.kind, found.title, found.target) == (kind, title, target)


def test_calls_are_named_by_their_operation():
    assert call(1).title == "dynamodb:PutItem"
    transaction = call(1, "dynamodb:PutItem", headers=[(b"x-amz-target", b"DynamoDB_20120810.TransactWriteItems")])
    assert (transaction.kind, transaction.title, transaction.target) == ("call", "dynamodb:TransactWriteItems", TABLE)
    target = [(b"X-Amz-Target", b"AWSCognitoIdentityProviderService.InitiateAuth")]
    assert record(1, Kind.REQUEST, "/", method="POST", status=200, headers=target).title == (
        "AWSCognitoIdentityProviderService:InitiateAuth"
    )


@pytest.mark.parametrize(
    ("kind", "name", "content", "title", "target"),
    [
        (Kind.INVOCATION, "lambdas.create_order.handler", "{}", "create_order", "create_order"),
        (Kind.MESSAGE, f"{QUEUE}-71fd60a", "{}", "message to orders-queue", f"{QUEUE}-71fd60a"),
        (Kind.TOPIC, "arn:aws:sns:us-east-1:0:news", "{}", "message to news", "arn:aws:sns:us-east-1:0:news"),
        (Kind.STREAM, TABLE, '{"eventName":"MODIFY"}', "MODIFY in the stream of orders", TABLE),
        (Kind.LIVE, "/orders/board", "{}", "event on /orders/board", "/orders/board"),
        (Kind.MAIL, "Your invoice", "{}", "mail: Your invoice", "mail"),
    ],
)
def test_everything_else_is_named_by_what_happens(kind, name, content, title, target):
    found = record(1, kind, name, content)
    assert (found.kind, found.title, found.target) == (kind, title, target)


@pytest.mark.parametrize(
    ("more", "is_ok"),
    [({"status": 200}, True), ({"status": 404}, False), ({"status": 0}, False), ({"status": 200, "error": "x"}, False)],
)
def test_what_failed(more, is_ok):
    assert record(1, Kind.REQUEST, "/", method="GET", **more).is_ok is is_ok


def test_a_condition_that_does_not_hold_is_an_answer():
    answer = '{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}'
    assert record(1, Kind.REQUEST, "/", method="POST", status=400, answer=answer).is_ok
    assert not record(1, Kind.REQUEST, "/", method="POST", status=400, answer='{"__type": "ValidationException"}').is_ok


def test_a_denied_call_failed_and_tells_its_caller():
    denied = call(1, is_allowed=False)
    assert not denied.is_ok
    assert denied.caller.endswith("assumed-role/accept-role/accept")


def test_an_exception_is_part_of_the_error():
    found = invocation(1, "accept_order", error="record failed", traceback="Traceback ...\nValueError: no milk\n")
    assert found.error == "record failed: ValueError: no milk"
    assert invocation(1, "a", error="ValueError: x", traceback="Traceback\nValueError: x").error == "ValueError: x"


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        ('{"batchItemFailures": [{"itemIdentifier": "m2"}]}', ("m2",)),
        ('{"batchItemFailures": []}', ("m1", "m2")),
        ("", ("m1", "m2")),
        ("null", ("m1", "m2")),
        ('{"statusCode": 500}', ("m1", "m2")),
    ],
)
def test_what_a_batch_could_not_handle(answer, failed):
    assert invocation(1, "accept_order", messages("m1", "m2"), answer=answer, error="x").failed() == failed


def test_long_payloads_are_cut_and_marked():
    found = record(1, Kind.MESSAGE, QUEUE, "é" * PAYLOAD_BYTES)
    assert found.request.endswith(f"\n[cut: {PAYLOAD_BYTES:,} bytes more]")
    assert 20_000 < len(found.request) < PAYLOAD_BYTES
    odd = record(1, Kind.MESSAGE, QUEUE, "x" + "é" * PAYLOAD_BYTES)
    assert odd.request.startswith("xé")


def test_binary_payloads_are_only_measured():
    assert record(1, Kind.REQUEST, "/", b"\x89PNG\xff" * 10).request == "[binary: 50 bytes]"
    assert record(1, Kind.REQUEST, "/", "password".encode("utf-16-le")).request == "[binary: 16 bytes]"


@pytest.mark.parametrize("missing", [1, 2, 7, 20])
@pytest.mark.parametrize("token", ["aB3" * 14 + "x", f"display.{'0a' * 8}.{'1b' * 32}"], ids=["payment", "display"])
def test_a_token_that_was_cut_is_removed(token, missing):
    text = "x" * (PAYLOAD_BYTES - len(token) + missing - 1) + "\n" + token
    assert len(text) == PAYLOAD_BYTES + missing
    assert token[:12] not in record(1, Kind.MESSAGE, QUEUE, text).request


def test_keys_of_the_api_are_removed():
    text = '{"id": "k", "value": "the key", "name": "origin"}'
    about_keys = record(1, Kind.REQUEST, "/apikeys?includeValues=true", method="GET", status=200, answer=text)
    assert "the key" not in repr(about_keys)
    assert "the key" in record(1, Kind.REQUEST, "/other", method="GET", status=200, answer=text).answer


@pytest.mark.parametrize(
    "text", ['{"a": "\\ud800"}', '{"a": NaN}', "[" * 60_000, "1" * 60_000, '{"a": ' + "9" * 5000 + "}"]
)
def test_odd_json_can_be_read_and_sent_on(text):
    assert msgspec.json.encode(record(1, Kind.MESSAGE, QUEUE, text))


@pytest.mark.parametrize(
    ("text", "is_mentioned"),
    [
        ("order-1", True),
        ("/orders/ann/order-1", True),
        ("Your order-1.", True),
        ("order-12", False),
        ("my-order-1", False),
        ("order-1.png", False),
    ],
)
def test_an_id_is_mentioned_as_a_whole(text, is_mentioned):
    assert invocation(1, "get_order", {"x": text}).mentions("order-1") is is_mentioned


def test_what_a_record_takes_is_counted():
    small, large = call(1), call(2, request="x" * 10_000)
    assert large.size() - small.size() >= 9_900
    assert record(1, Kind.INVOCATION, "a", error="x" * 10_000).size() > small.size() + 5_000


def test_nothing_of_a_record_has_a_secret():
    secret = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln"
    texts = dict.fromkeys(("log", "error", "traceback"), f"token={secret}")
    headers = [(b"Authorization", f"Bearer {secret}".encode())]
    options = {"headers": headers, "answer_headers": headers, "answer": secret, "status": 200, "host": "x", **texts}
    found = record(1, Kind.REQUEST, f"/pay?token={secret}", f'{{"token": "{secret}"}}', method="GET", **options)
    assert secret not in repr(found)
    assert secret not in repr(record(1, Kind.MAIL, secret, secret))


def test_records_are_sent_as_bytes():
    sent = raw(1, Kind.REQUEST, "/", "{}", verdicts=[Verdict("p", "a", "r", True, "identity", {"effect": "Allow"})])
    assert decode(encode(sent)) == sent
    assert sent.answer == Payload()
    assert read(decode(encode(sent))) == read(sent)
