import json

import pytest
from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.batch.exceptions import UnexpectedBatchTypeError

from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.errors import FieldError, Refusal
from tests.lambdas.builders import an_order, failures, sqs_event, sqs_record, stream_event, stream_record

SEQUENCE = "4421584500000000017450439{:03}"
"""The sequence number of a stream record by its position in the batch. Longer than JSON's safe integers."""


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


@pytest.fixture
def stream_handler(seen):
    """Fails for records of orders whose ID starts with `bad`."""

    @batch_handler(EventType.DynamoDBStreams)
    def handler(record):
        seen.append(record.dynamodb.sequence_number)
        if record.dynamodb.keys["id"].startswith("bad"):
            raise ValueError("no good")

    return handler


def batch(*bodies):
    return sqs_event(*(sqs_record(body, str(n)) for n, body in enumerate(bodies)))


def stream_batch(*ids):
    orders = enumerate(map(an_order, ids))
    return stream_event(*(stream_record("INSERT", new=order, sequence=SEQUENCE.format(n)) for n, order in orders))


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
def test_each_message_of_a_queue_fails_on_its_own(handler, seen, context, bodies, failed):
    assert handler(batch(*bodies), context) == failures(*failed)
    assert seen == [str(n) for n in range(len(bodies))]


@pytest.mark.parametrize(
    ("ids", "failed"),
    [
        pytest.param(["good"], None, id="one good"),
        pytest.param(["bad"], 0, id="one bad"),
        pytest.param(["good", "bad", "good"], 1, id="one in the middle bad"),
        pytest.param(["good", "bad-1", "good", "bad-2"], 1, id="two bad"),
        pytest.param(["bad-1", "bad-2", "bad-3"], 0, id="all bad"),
    ],
)
def test_a_stream_reports_the_first_failed_record_and_handles_other_items(stream_handler, seen, context, ids, failed):
    answer = stream_handler(stream_batch(*ids), context)

    assert answer == (failures() if failed is None else failures(SEQUENCE.format(failed)))
    assert seen == [SEQUENCE.format(n) for n in range(len(ids))]


def test_batches_are_independent(handler, context):
    handler(batch("bad"), context)

    assert handler(batch("good"), context) == failures()


class TestTurn:
    """Changes of one item are handled in order."""

    @pytest.fixture
    def failing(self):
        """The positions of failing records in the batch."""
        return set()

    @pytest.fixture
    def handler(self, seen, failing):
        @batch_handler(EventType.DynamoDBStreams)
        def handler(record):
            position = int(record.dynamodb.sequence_number[-3:])
            seen.append(position)
            if position in failing:
                raise ValueError("no good")

        return handler

    @pytest.mark.parametrize(
        ("ids", "fails", "handled"),
        [
            pytest.param(["a", "a", "a"], {0}, [0], id="one item"),
            pytest.param(["a", "a", "a"], {1}, [0, 1], id="one item, after a good record"),
            pytest.param(["a", "b", "a", "b", "a"], {0}, [0, 1, 3], id="another item does not wait"),
            pytest.param(["a", "b", "a", "b", "c"], {0, 1}, [0, 1, 4], id="two items wait"),
            pytest.param(["a", "b", "a"], {1}, [0, 1, 2], id="an item without failures continues"),
        ],
    )
    def test_records_after_a_failed_record_of_the_same_item_wait(
        self, handler, seen, failing, context, ids, fails, handled
    ):
        failing |= fails

        assert handler(stream_batch(*ids), context) == failures(SEQUENCE.format(min(fails)))
        assert seen == handled

    def test_another_customers_order_with_the_same_id_does_not_wait(self, handler, seen, failing, context):
        failing.add(0)
        orders = [an_order("a", "ann"), an_order("a", "bob"), an_order("a", "ann")]
        records = [stream_record("INSERT", new=order, sequence=f"00{n}") for n, order in enumerate(orders)]

        handler(stream_event(*records), context)

        assert seen == [0, 1]

    def test_waiting_records_are_handled_in_the_next_call(self, handler, seen, failing, context):
        failing.add(0)
        handler(stream_batch("a", "a"), context)
        failing.clear()
        seen.clear()

        assert handler(stream_batch("a", "a"), context) == failures()
        assert seen == [0, 1]

    def test_waiting_records_are_not_logged_or_counted_as_failures(self, handler, failing, context, logs):
        failing.add(0)
        handler(stream_batch("a", "a", "a", "b"), context)

        lines = logs.text().splitlines()
        assert sum('"level":"ERROR"' in line for line in lines) == 1
        assert sum("OutOfOrder" in line for line in lines) == 0
        assert sum('"kind":"ValueError"' in line for line in lines) == 1

    def test_waiting_records_are_counted_in_the_summary(self, handler, failing, context, logs):
        failing.add(0)
        handler(stream_batch("a", "a", "a", "b"), context)

        processed = logs.lines()[-1]
        assert (processed["records"], processed["failed"]) == (4, 3)

    def test_messages_of_a_queue_do_not_wait(self, seen, context):
        # A queue's messages are unordered, and every failed one is reported.
        @batch_handler(EventType.SQS)
        def handler(record):
            seen.append(record.message_id)
            raise ValueError

        assert handler(batch("same", "same"), context) == failures("0", "1")
        assert seen == ["0", "1"]


def test_a_failure_is_logged_with_its_reason_and_the_record_id(handler, context, logs):
    handler(batch("good", "bad"), context)

    failed, processed = logs.lines()
    assert (failed["level"], failed["message"], failed["record"]) == ("ERROR", "record failed", "1")
    assert failed["reason"] == "ValueError: cannot read 1"
    assert "cannot read 1" in failed["exception"]
    assert (processed["records"], processed["failed"]) == (2, 1)
    assert processed["function_request_id"] == context.aws_request_id


def test_a_failed_record_of_a_stream_is_logged_with_its_event_id(stream_handler, context, logs):
    stream_handler(stream_batch("good", "bad"), context)

    assert [line["record"] for line in logs.lines() if line["level"] == "ERROR"] == [f"event-{SEQUENCE.format(1)}"]


def test_the_summary_counts_every_failed_record_of_a_stream(stream_handler, context, logs):
    stream_handler(stream_batch("bad-1", "good", "bad-2"), context)

    processed = logs.lines()[-1]
    assert (processed["records"], processed["failed"]) == (3, 2)


def test_a_refusal_is_logged_with_its_fields(context, logs):
    @batch_handler(EventType.SQS)
    def handler(record):
        raise Refusal("invalid", "Not so.", errors=[FieldError("items[0].qty", "too many"), FieldError("id", "bad")])

    handler(batch("bad"), context)

    assert logs.lines()[0]["reason"] == "Refusal: Not so. items[0].qty: too many. id: bad."


class TestCorrelationId:
    @pytest.fixture
    def correlated(self):
        """Sets the correlation ID from a message's body, if any. Fails for messages that end in `!`."""

        @batch_handler(EventType.SQS)
        def handler(record):
            if record.body.strip("!"):
                logger.set_correlation_id(record.body.strip("!"))
            logger.info("handled")
            if record.body.endswith("!"):
                raise ValueError

        return handler

    @pytest.mark.parametrize(
        ("bodies", "logged"),
        [
            pytest.param(["a", "b"], ["a", "b"], id="each has its own"),
            pytest.param(["a", ""], ["a", None], id="none after one"),
            pytest.param(["a!", ""], ["a", "a", None], id="none after a failure"),
            pytest.param(["!", "a"], [None, None, "a"], id="none for a failure before it is set"),
        ],
    )
    def test_is_only_in_the_lines_about_its_record(self, correlated, context, logs, bodies, logged):
        correlated(batch(*bodies), context)

        # The last line is the batch's summary.
        assert [line.get("correlation_id") for line in logs.lines()] == [*logged, None]

    def test_does_not_last_until_the_next_batch(self, correlated, context, logs):
        correlated(batch("a!"), context)
        logs.text()

        correlated(batch(""), context)

        assert [line.get("correlation_id") for line in logs.lines()] == [None, None]


class TestMetrics:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            pytest.param(ValueError("no good"), "ValueError", id="an exception by name"),
            pytest.param(Refusal("conflict", "Not so."), "conflict", id="a refusal by reason"),
        ],
    )
    def test_count_failures_in_total_and_by_kind(self, context, logs, error, kind):
        @batch_handler(EventType.SQS)
        def handler(record):
            if record.body == "bad":
                raise error

        handler(batch("bad", "good", "bad"), context)

        assert logs.counts() == {"Failures": 2, ("Failures", kind): 2}

    def test_are_not_written_without_failures(self, handler, context, logs):
        handler(batch("good", "good"), context)

        assert logs.metrics() == []


def test_an_invalid_event_fails_the_call(handler, context):
    with pytest.raises(UnexpectedBatchTypeError):
        handler({}, context)


def test_the_log_does_not_contain_messages(handler, context, logs):
    handler(batch(json.dumps({"card": "4111 1111"}), "bad"), context)

    assert "4111" not in logs.text()


def test_the_handler_keeps_its_name_and_docstring(handler):
    assert (handler.__name__, handler.__doc__) == ("handler", "One message.")
