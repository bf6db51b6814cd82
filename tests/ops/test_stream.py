"""Failed batches of the table's stream: listing and redriving them while the stream still has their records."""

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from local.errors import UserError
from ops import stream
from ops.queues import Queue
from ops.redrive import redrive
from ops.stack import Stack
from tests.ops.conftest import FakeLambda
from tests.ops.fakes import FakeSqs

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
SHARD = "shardId-00000001691000000000-0f1e2d3c"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUEUE = Queue("stream", "dlq", ARN, "publish")


def failure(first, last, **more):
    """The message about a failed batch, as in Lambda's documentation."""
    info = {
        "shardId": SHARD,
        "startSequenceNumber": str(first),
        "endSequenceNumber": str(last),
        "approximateArrivalOfFirstRecord": "2026-01-01T12:00:00Z",
        "approximateArrivalOfLastRecord": "2026-01-01T12:00:00Z",
        "batchSize": last - first + 1,
        "streamArn": ARN,
    }
    context = {
        "requestId": "the-call",
        "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:publish",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 6,
    }
    response = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    return {
        "requestContext": context,
        "responseContext": response,
        "version": "1.0",
        "timestamp": "2026-01-01T12:10:00.000Z",
        "DDBStreamBatchInfo": {**info, **more},
    }


def record(number, name="INSERT", **image):
    """A stream record in boto3's format."""
    return {
        "eventID": f"event-{number}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": NOON,
            "Keys": {"customer": {"S": "ann"}, "id": {"S": str(number)}},
            "NewImage": {"customer": {"S": "ann"}, "id": {"S": str(number)}, **image},
            "SequenceNumber": f"{number:030d}",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


class FakeStreams:
    """One shard with three records per page and an empty page before each."""

    def __init__(self, *records, error=None, closed=False):
        self.records, self.error, self.closed, self.reads = records, error, closed, 0

    def get_shard_iterator(self, **request):
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "GetShardIterator")
        assert (request["StreamArn"], request["ShardId"]) == (ARN, SHARD)
        assert request["ShardIteratorType"] == "AT_SEQUENCE_NUMBER"
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in self.records]
        return {"ShardIterator": (numbers.index(int(request["SequenceNumber"])), False)}

    def get_records(self, **request):
        self.reads += 1
        position, full = request["ShardIterator"]
        if not full:
            return {"Records": [], "NextShardIterator": (position, True)}
        page = {"Records": self.records[position : position + 3]}
        end = self.closed and position + 3 >= len(self.records)
        return page if end else {**page, "NextShardIterator": (position + 3, False)}


def run(streams, *failures):
    """Set up failures. Returns the queue, the function, and a function that redrives and returns the outcomes."""
    sqs, function, outcomes = FakeSqs(), FakeLambda(), []
    for content in failures:
        sqs.put("dlq", {"MessageBody": content if isinstance(content, str) else json.dumps(content)})
    stack = Stack({}, {"sqs": sqs, "lambda": function, "dynamodbstreams": streams}.__getitem__)
    return sqs, function, lambda: redrive(stack, QUEUE, outcomes.append) or outcomes


def test_the_function_gets_the_documented_event():
    image = {"raw": {"B": b"\x00\xff"}, "many": {"BS": [b"a", b"b"]}, "in": {"L": [{"M": {"b": {"B": b"c"}}}]}}
    sqs, function, go = run(FakeStreams(record(7, **image)), failure(7, 7))

    [outcome] = go()

    assert (outcome.sent, outcome.problem, sqs.bodies("dlq"), sqs.calls) == (True, None, [], ["delete"])
    [event] = function.events
    assert event == {
        "Records": [
            {
                "eventID": "event-7",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-central-1",
                "eventSourceARN": ARN,
                "dynamodb": {
                    "ApproximateCreationDateTime": int(NOON.timestamp()),
                    "Keys": {"customer": {"S": "ann"}, "id": {"S": "7"}},
                    "NewImage": {
                        "customer": {"S": "ann"},
                        "id": {"S": "7"},
                        "raw": {"B": "AP8="},
                        "many": {"BS": ["YQ==", "Yg=="]},
                        "in": {"L": [{"M": {"b": {"B": "Yw=="}}}]},
                    },
                    "SequenceNumber": f"{7:030d}",
                    "SizeBytes": 26,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            }
        ]
    }


def ids(function):
    return [[record["eventID"] for record in event["Records"]] for event in function.events]


@pytest.mark.parametrize("closed", [False, True])
def test_exactly_the_records_of_the_batch_are_sent_in_order_ten_at_a_time(closed):
    sqs, function, go = run(FakeStreams(*(record(n) for n in range(30)), closed=closed), failure(4, 29))

    assert [outcome.problem for outcome in go()] == [None]

    names = [f"event-{n}" for n in range(4, 30)]
    assert ids(function) == [names[:10], names[10:20], names[20:]]
    assert sqs.bodies("dlq") == []


def test_removals_are_skipped_like_in_the_stream_filter():
    _, function, go = run(FakeStreams(record(1), record(2, "REMOVE"), record(3, "MODIFY")), failure(1, 3))

    assert go()[0].problem is None
    assert ids(function) == [["event-1", "event-3"]]


def test_a_batch_of_only_removals_calls_no_function():
    sqs, function, go = run(FakeStreams(record(1, "REMOVE")), failure(1, 1))

    assert go()[0].problem is None
    assert (function.events, sqs.bodies("dlq")) == ([], [])


@pytest.mark.parametrize(
    ("answer", "error", "problem"),
    [
        ({"batchItemFailures": [{"itemIdentifier": "2"}]}, None, "publish failed again; "),
        ({"batchItemFailures": None}, None, "publish failed again; "),
        (None, None, "publish failed again; "),
        (
            {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed\nout"},
            "Unhandled",
            "publish failed: Sandbox.Timedout: Task timed out",
        ),
    ],
)
def test_a_batch_that_the_function_fails_to_handle_stays(answer, error, problem):
    sqs, function, go = run(FakeStreams(*(record(n) for n in range(1, 30))), failure(1, 12))
    function.answer, function.error = answer, error

    [outcome] = go()

    assert not outcome.sent
    assert outcome.problem.startswith(problem)
    assert (len(function.events), len(sqs.bodies("dlq")), sqs.hidden("dlq")) == (1, 1, [])


def test_a_batch_stays_if_its_second_part_fails():
    sqs, function, go = run(FakeStreams(*(record(n) for n in range(1, 30))), failure(1, 12))
    function.answer = lambda event: {"batchItemFailures": [{}] if len(event["Records"]) == 2 else []}

    assert not go()[0].sent
    assert (len(function.events), len(sqs.bodies("dlq"))) == (2, 1)


@pytest.mark.parametrize(
    "streams",
    [
        FakeStreams(error="TrimmedDataAccessException"),
        FakeStreams(error="ResourceNotFoundException"),
        FakeStreams(record(1), closed=True),
        FakeStreams(record(1)),
    ],
    ids=["trimmed", "no shard", "ends too early", "never ends"],
)
def test_a_message_stays_with_a_hint_if_its_records_are_gone(streams):
    sqs, function, go = run(streams, failure(1, 2))

    [outcome] = go()

    assert not outcome.sent
    assert outcome.problem.startswith("the stream keeps records for 24 hours and no longer has these; ")
    assert "`GET /orders?status=created`" in outcome.problem
    assert (function.events, len(sqs.bodies("dlq")), sqs.hidden("dlq")) == ([], 1, [])
    assert streams.reads <= stream.PAGES


def test_other_stream_errors_are_reported_unchanged():
    sqs, _, go = run(FakeStreams(error="AccessDeniedException"), failure(1, 2))

    assert (
        go()[0].problem == "An error occurred (AccessDeniedException) when calling the GetShardIterator operation: no"
    )
    assert len(sqs.bodies("dlq")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "☕",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        json.dumps({"DDBStreamBatchInfo": {}}),
        json.dumps(failure(1, 2, endSequenceNumber="soon")),
        json.dumps(failure(1, 2, batchSize=float("inf"))),
        json.dumps({**failure(1, 2), "requestContext": None}),
    ],
    ids=range(10),
)
def test_a_message_not_from_lambda_stays(body):
    sqs, function, go = run(FakeStreams(), body)

    assert go()[0].problem == "the message is not Lambda's report on a stream batch"
    assert (function.events, len(sqs.bodies("dlq"))) == ([], 1)
    with pytest.raises(UserError):
        stream.parse(body)


class TestListing:
    @pytest.fixture
    def shown(self, stack, sqs, monkeypatch, capsys):
        from ops.commands import main

        def shown(streams, content):
            clients = {"dynamodbstreams": streams}
            there = stack._replace(client=lambda name: clients.get(name) or stack.client(name))
            monkeypatch.setattr("ops.commands.find_stack", lambda home, outputs: there)
            sqs.send_message(QueueUrl=stack.outputs["streamFailuresUrl"], MessageBody=json.dumps(content))
            assert main(["dead-letters"]) == 0
            return [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]

        return shown

    def test_a_batch_is_shown_with_its_orders_and_a_records_reason(self, shown, log):
        now = int(datetime.now(UTC).timestamp() * 1000)
        log(now - 3_600_000, {"message": "record failed", "record": "event-2", "reason": "ClientError: no topic"})

        about, why = shown(FakeStreams(record(1), record(2)), failure(1, 2))

        assert about == "about: 2 records, RetryAttemptsExhausted: ann/1, ann/2"
        assert why == "why: ClientError: no topic"

    def test_the_reason_is_found_by_the_call_if_the_records_are_gone(self, shown, log):
        now = int(datetime.now(UTC).timestamp() * 1000)
        line = {"message": "record failed", "record": "event-2", "reason": "ClientError: no topic"}
        log(now - 3_600_000, {**line, "function_request_id": "the-call"})

        about, why = shown(FakeStreams(error="TrimmedDataAccessException"), failure(1, 2))

        assert about == "about: 2 records, RetryAttemptsExhausted, no longer in the stream"
        assert why == "why: ClientError: no topic"

    def test_a_message_not_from_lambda_is_shown(self, shown):
        about, why = shown(FakeStreams(), {"hello": "there"})

        assert about == "about: the message is not Lambda's report on a stream batch"
        assert why.startswith("why: no reason in the log of publish")
