"""The model of Lambda's pollers, held to the sentences of AWS's documentation that it is made from."""

import pytest

from tests.lambdas.builders import an_order, failures, sqs_record, stream_record
from tests.lambdas.fakes import FakeClock
from tests.lambdas.poller import Discarded, QueuePoller, StreamPoller, StreamSettings, WorkerDied, sequence_number

EXHAUSTED = "RetryAttemptsExhausted"


class Function:
    """Writes down the batches that it is given, and answers each by the next of `answers`, after that with success."""

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
    """Fails the whole call wherever one of these is in the batch."""

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
    def test_is_delivered_in_batches_in_its_order(self):
        function = Function()

        assert deliver(function, 5, batch_size=2) == []
        assert function.batches == [["1", "2"], ["3", "4"], ["5"]]

    @pytest.mark.parametrize("answer", SUCCESS)
    def test_goes_on_after_a_success(self, answer):
        function = Function(answer)

        deliver(function, 2)

        assert function.batches == [["1", "2"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_is_halved_by_a_complete_failure_and_each_half_tried_by_itself(self, answer):
        function = Function(answer)

        deliver(function, 5)

        assert function.batches == [["1", "2", "3", "4", "5"], ["1", "2"], ["3", "4", "5"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_is_delivered_again_as_it_is_where_it_is_not_to_be_bisected(self, answer):
        function = Function(answer)

        deliver(function, 2, bisect=False)

        assert function.batches == [["1", "2"], ["1", "2"]]

    @pytest.mark.parametrize("failed", [["3"], ["3", "4"], ["4", "3"]], ids=str)
    def test_is_delivered_again_from_the_lowest_number_on(self, failed):
        function = Function(failures(*failed))

        deliver(function, 4)

        assert function.batches == [["1", "2", "3", "4"], ["3", "4"]]

    @pytest.mark.parametrize(
        ("halves", "again"), [(False, [["1", "2", "3"]]), (True, [["1"], ["2", "3"]])], ids=["whole", "halved"]
    )
    def test_whose_first_record_failed_comes_again_whole_or_halved(self, halves, again):
        function = Function(failures("1"))

        deliver(function, 3, halves_at_first=halves)

        assert function.batches == [["1", "2", "3"], *again]

    def test_gives_up_after_the_first_attempt_and_all_retries(self):
        function = Function(*[failures("1")] * 9)

        assert deliver(function, 1, max_retries=3) == [Discarded(EXHAUSTED, "1", "1", 1)]
        assert function.batches == [["1"]] * 4

    def test_goes_on_after_what_was_given_up(self):
        function = Function(*[failures("1")] * 2)

        assert deliver(function, 2, batch_size=1, max_retries=1) == [Discarded(EXHAUSTED, "1", "1", 1)]
        assert function.batches == [["1"], ["1"], ["2"]]

    def test_gives_up_the_first_and_the_last_number_of_a_batch(self):
        assert deliver(Function(*[failures("1")] * 9), 3, max_retries=1) == [Discarded(EXHAUSTED, "1", "3", 3)]

    def test_is_split_without_using_up_retries(self):
        assert deliver(Poison("6"), 8, max_retries=0) == [Discarded(EXHAUSTED, "6", "6", 1)]

    @pytest.mark.parametrize(("renewed", "attempts"), [(False, 2), (True, 3)], ids=["left", "renewed"])
    def test_has_in_its_parts_the_retries_that_were_left_or_all(self, renewed, attempts):
        # The first record fails once, which is a retry; then the second one always.
        function = Function(failures("1"), *[failures("2")] * 9)

        deliver(function, 2, max_retries=2, split_renews_retries=renewed)

        assert function.batches == [["1", "2"], ["1", "2"], *[["2"]] * attempts]

    def test_gives_up_what_has_grown_too_old(self):
        function = Function(*[failures("1")] * 99)

        discarded = deliver(function, 2, batch_size=1, max_retries=99, max_age_seconds=10, retry_seconds=4)

        # Tried at once, after 4 and after 8 seconds; and the record behind it has waited for as long.
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
    def test_is_empty_after_a_success(self, answer):
        function = Function(answer)

        self.poll(function, 2)

        assert function.batches == [["1", "2"]]

    def test_holds_failed_messages_and_no_others_again(self):
        function = Function(failures("2"))

        self.poll(function, 3)

        assert function.batches == [["1", "2", "3"], ["2"]]

    @pytest.mark.parametrize("answer", COMPLETE_FAILURE)
    def test_holds_all_messages_again_after_a_complete_failure(self, answer):
        function = Function(answer)

        self.poll(function, 2)

        assert function.batches == [["1", "2"], ["1", "2"]]

    def test_sets_a_message_aside_that_was_received_too_often(self):
        function = Function(*[failures("1")] * 9)

        assert self.poll(function, 2, max_receives=3) == ["1"]
        assert function.batches == [["1", "2"], ["1"], ["1"]]
