import pytest

from lambdas.orders.steps import Task, step
from lambdas.orders.workflow import Outcome
from tests.lambdas.builders import an_order_placed, placed_body

ORDER = placed_body()


def answering(outcome):
    return step(lambda task: outcome)


@pytest.fixture
def given():
    return []


@pytest.fixture
def handler(given):
    @step
    def handler(task):
        """One step."""
        given.append(task)
        return Outcome("good")

    return handler


@pytest.mark.parametrize(
    ("event", "task"),
    [
        pytest.param({"order": ORDER, "amount": 690}, Task(an_order_placed(), 690), id="with an amount"),
        pytest.param({"order": ORDER}, Task(an_order_placed(), 0), id="before the amount is known"),
        pytest.param(
            {"order": ORDER, "amount": 690, "revision": "r1"}, Task(an_order_placed(), 690, "r1"), id="with a revision"
        ),
        pytest.param(
            {"order": {"customer": "ann", "id": "7"}},
            Task(an_order_placed(correlation_id="", created_at=0)),
            id="no correlation ID and no time",
        ),
        pytest.param({"order": ORDER, "check": {"outcome": "good"}}, Task(an_order_placed()), id="with extra fields"),
    ],
)
def test_a_step_gets_its_task(handler, given, context, event, task):
    handler(event, context)

    assert given == [task]


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        pytest.param(
            Outcome("gone"),
            {"outcome": "gone", "amount": 0, "revision": "", "reason": "", "waited_ms": None},
            id="only the outcome",
        ),
        pytest.param(
            Outcome("good", 690, "r1", "why", 5),
            {"outcome": "good", "amount": 690, "revision": "r1", "reason": "why", "waited_ms": 5},
            id="everything",
        ),
    ],
)
def test_the_response_contains_every_field_of_the_outcome(context, outcome, answer):
    # The state machine selects fields by path and fails if one is missing.
    assert answering(outcome)({"order": ORDER}, context) == answer


def test_the_outcome_is_logged_with_the_correlation_id(context, logs):
    answering(Outcome("refused", reason="`Pizza` is not on the menu."))({"order": ORDER}, context)

    [line] = logs.lines()
    assert (line["message"], line["order"], line["correlation_id"]) == ("refused", "7", "request-1")
    assert line["reason"] == "`Pizza` is not on the menu."
    assert line["function_request_id"] == context.aws_request_id


class TestFailure:
    @pytest.fixture
    def failing(self):
        @step
        def handler(task):
            raise ConnectionError("the network is down")

        return handler

    def test_is_raised_for_the_state_machine_to_retry(self, failing, context):
        with pytest.raises(ConnectionError, match="the network is down"):
            failing({"order": ORDER}, context)

    def test_is_logged_with_the_order_and_the_correlation_id(self, failing, context, logs):
        with pytest.raises(ConnectionError):
            failing({"order": ORDER}, context)

        [line] = logs.lines()
        assert (line["message"], line["level"]) == ("step failed", "ERROR")
        assert (line["order"], line["correlation_id"]) == ("7", "request-1")
        assert "the network is down" in line["exception"]

    def test_is_counted_by_kind(self, failing, context, logs):
        with pytest.raises(ConnectionError):
            failing({"order": ORDER}, context)

        assert logs.counts() == {"Failures": 1, ("Failures", "ConnectionError"): 1}


@pytest.mark.parametrize(
    "event",
    [{}, {"order": {}}, {"order": {"id": "7"}}, {"order": ORDER, "amount": "690"}, {"order": ORDER, "revision": 1}],
    ids=str,
)
def test_an_invalid_task_is_an_error(handler, given, context, event):
    with pytest.raises(ValueError, match=r"`|Expected"):
        handler(event, context)

    assert given == []


def test_the_handler_keeps_its_name_and_docstring(handler):
    assert (handler.__name__, handler.__doc__) == ("handler", "One step.")
