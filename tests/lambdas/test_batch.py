import json

import pytest
from aws_lambda_powertools.utilities.batch import EventType

from lambdas.batch import batch_handler
from tests.lambdas.builders import an_order, failures, sqs_event, sqs_record, stream_event, stream_record


@pytest.fixture
def seen():
    return []


@pytest.fixture
def handler(seen):
    @batch_handler(EventType.SQS)
    def handler(record):
        """One message."""
        seen.append(record.message_id)
        if record.body == "bad":
            raise ValueError(f"cannot read {record.message_id}")

    return handler


def batch(*bodies):
    return sqs_event(*(sqs_record(body, str(n)) for n, body in enumerate(bodies)))


@pytest.mark.parametrize(
    ("bodies", "failed"),
    [
        pytest.param(["good"], [], id="one good"),
        pytest.param(["good"] * 10, [], id="ten good"),
        pytest.param(["bad"], ["0"], id="one bad"),
        pytest.param(["bad", "good", "good"], ["0"], id="the first bad"),
        pytest.param(["good", "bad", "good"], ["1"], id="one in the middle bad"),
        pytest.param(["good", "good", "bad"], ["2"], id="the last bad"),
        pytest.param(["bad", "good", "bad"], ["0", "2"], id="two bad"),
        pytest.param(["bad", "bad"], ["0", "1"], id="all bad"),
    ],
)
def test_each_record_stands_for_itself(handler, seen, context, bodies, failed):
    assert handler(batch(*bodies), context) == failures(*failed)
    assert seen == [str(n) for n in range(len(bodies))]


def test_a_batch_knows_nothing_of_the_one_before(handler, context):
    handler(batch("bad"), context)

    assert handler(batch("good"), context) == failures()


def test_stream_records_are_reported_by_their_sequence_number(context):
    @batch_handler(EventType.DynamoDBStreams)
    def handler(record):
        raise ValueError

    event = stream_event(stream_record("INSERT", new=an_order(), sequence="4421584500000000017450439091"))

    assert handler(event, context) == failures("4421584500000000017450439091")


def test_why_a_record_failed_is_in_the_log(handler, context, logs):
    handler(batch("good", "bad"), context)

    failed, processed = logs.lines()
    assert failed["level"] == "ERROR"
    assert "cannot read 1" in failed["exception"]
    assert (processed["records"], processed["failed"]) == (2, 1)
    assert processed["function_request_id"] == context.aws_request_id


def test_the_log_holds_no_message(handler, context, logs):
    handler(batch(json.dumps({"card": "4111 1111"}), "bad"), context)

    assert "4111" not in logs.text()


def test_the_handler_keeps_the_description_of_what_it_does(handler):
    assert (handler.__name__, handler.__doc__) == ("handler", "One message.")
