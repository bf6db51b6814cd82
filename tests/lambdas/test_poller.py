"""The model of Lambda's pollers conforms to AWS's documentation."""

import pytest

from tests.lambdas.builders import an_order, failures, sqs_record, stream_record
from tests.lambdas.fakes import FakeClock
from tests.lambdas.poller import Discarded, QueuePoller, StreamPoller, StreamSettings, WorkerDied, sequence_number

EXHAUSTED = "RetryAttemptsExhausted"


class Function:
    """Records its batches. Returns the next of `answers` for each, then success."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.batches = []

    def __call__(self, event):
        records = event["Records"]
        self.batches.append([record.get("messageId") or sequence_number(record) for record in records])
        answer = self.answers.pop(0) if self.answers else failures()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Poison:
    """Fails the call if the batch contains one of the sequence numbers."""

    def __init__(self, *sequences):
        self.sequences = sequences

    def __call__(self, event):
        if {sequence_number(record) for record in event["Records"]} & set(self.sequences):
            raise ValueError


def records(count):
    return [stream_record("INSERT", new=an_order(str(n)), sequence=str(n)) for n in range(1, count + 1)]


def deliver(function, count, **settings):
    poller = StreamPoller(function, FakeClock(), StreamSettings(**settings))
    poller.deliver(records(count))
    return poller.discarded


SUCCESS = [
    pytest.param(None, id="null"),
    pytest.param({}, id="empty"),
    pytest.param({"batchItemFailures": None}, id="a null list"),
    pytest.param({"batchItemFailures": []}, id="an empty list"),
]
COMPLETE_FAILURE = [
    pytest.param(failures(""), id="an empty identifier"),
    pytest.param(failures(None), id="a null identifier"),
    pytest.param(failures("unknown"), id="an unknown identifier"),
    pytest.param({"batchItemFailures": [{"id": "1"}]}, id="another key"),
    pytest.param(ValueError(), id="an exception"),
    pytest.param(WorkerDied(), id="a death"),
]


class TestStream:
    def test_is_delivered_in_batches_in_order(self):
        function = Function()

        assert deliver(function, 5, batch_size=2) == []
        assert function.batches == [["1", "2"], ["3", "4"], ["5"]]

    @pytest.mark.parametrize("answer", SUCCESS)
    def test_continues_after_a_success(self, answer):
        function = Function(answer)

        deliver(function, 2)

        assert function.batches == [["1", "2"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_is_halved_after_a_complete_failure(self, answer):
        function = Function(answer)

        deliver(function, 5)

        assert function.batches == [["1", "2", "3", "4", "5"], ["1", "2"], ["3", "4", "5"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_is_retried_whole_without_bisecting(self, answer):
        function = Function(answer)

        deliver(function, 2, bisect=False)

        assert function.batches == [["1", "2"], ["1", "2"]]

    @pytest.mark.parametrize("failed", [["3"], ["3", "4"], ["4", "3"]], ids=str)
    def test_is_retried_from_the_lowest_failed_number(self, failed):
        function = Function(failures(*failed))

        deliver(function, 4)

        assert function.batches == [["1", "2", "3", "4"], ["3", "4"]]

    @pytest.mark.parametrize(
        ("halved", "retries"), [(False, [["1", "2", "3"]]), (True, [["1"], ["2", "3"]])], ids=["whole", "halved"]
    )
    def test_is_retried_whole_or_halved_if_the_first_record_failed(self, halved, retries):
        function = Function(failures("1"))

        deliver(function, 3, halve_at_first=halved)

        assert function.batches == [["1", "2", "3"], *retries]

    def test_discards_a_batch_after_all_retries(self):
        function = Function(*[failures("1")] * 9)

        assert deliver(function, 1, max_retries=3) == [Discarded(EXHAUSTED, "1", "1", 1)]
        assert function.batches == [["1"]] * 4

    def test_continues_after_a_discarded_batch(self):
        function = Function(*[failures("1")] * 2)

        assert deliver(function, 2, batch_size=1, max_retries=1) == [Discarded(EXHAUSTED, "1", "1", 1)]
        assert function.batches == [["1"], ["1"], ["2"]]

    def test_a_discarded_batch_has_its_first_and_last_number(self):
        assert deliver(Function(*[failures("1")] * 9), 3, max_retries=1) == [Discarded(EXHAUSTED, "1", "3", 3)]

    def test_splitting_does_not_count_as_a_retry(self):
        assert deliver(Poison("6"), 8, max_retries=0) == [Discarded(EXHAUSTED, "6", "6", 1)]

    @pytest.mark.parametrize(("renewed", "attempts"), [(False, 2), (True, 3)], ids=["remaining", "renewed"])
    def test_parts_have_the_remaining_or_all_retries(self, renewed, attempts):
        # The first record fails once, which is a retry; then the second one always fails.
        function = Function(failures("1"), *[failures("2")] * 9)

        deliver(function, 2, max_retries=2, split_renews_retries=renewed)

        assert function.batches == [["1", "2"], ["1", "2"], *[["2"]] * attempts]

    def test_discards_records_that_are_too_old(self):
        function = Function(*[failures("1")] * 99)

        discarded = deliver(function, 2, batch_size=1, max_retries=99, max_age_seconds=10, retry_seconds=4)

        # Attempts after 0, 4 and 8 seconds. The next record has the same age.
        assert function.batches == [["1"]] * 3
        assert discarded == [Discarded("RecordAgeExceeded", n, n, 1) for n in ("1", "2")]


class TestQueue:
    def poll(self, function, count, **settings):
        poller = QueuePoller(function, **settings)
        poller.send(*(sqs_record("", str(n)) for n in range(1, count + 1)))
        poller.drain()
        return [message["messageId"] for message in poller.dead_letters]

    def test_is_delivered_in_batches(self):
        function = Function()

        assert self.poll(function, 3, batch_size=2) == []
        assert function.batches == [["1", "2"], ["3"]]

    @pytest.mark.parametrize("answer", SUCCESS)
    def test_continues_after_a_success(self, answer):
        function = Function(answer)

        self.poll(function, 2)

        assert function.batches == [["1", "2"]]

    def test_retries_only_failed_messages(self):
        function = Function(failures("2"))

        self.poll(function, 3)

        assert function.batches == [["1", "2", "3"], ["2"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_retries_all_messages_after_a_complete_failure(self, answer):
        function = Function(answer)

        self.poll(function, 2)

        assert function.batches == [["1", "2"], ["1", "2"]]

    def test_moves_a_message_to_the_dead_letter_queue_after_max_receives(self):
        function = Function(*[failures("1")] * 9)

        assert self.poll(function, 2, max_receives=3) == ["1"]
        assert function.batches == [["1", "2"], ["1"], ["1"]]
