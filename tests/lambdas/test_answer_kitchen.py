import pytest

from lambdas import answer_kitchen
from lambdas.orders.workflow import Outcome
from tests.lambdas.builders import failures, placed_body, sqs_event, sqs_record


class FakeStateMachine:
    """Executions that wait for an answer, by task token."""

    def __init__(self, *waiting):
        self.waiting = set(waiting)
        self.answers = []

    def answer(self, token, outcome):
        was_waiting = token in self.waiting
        self.waiting.discard(token)
        if was_waiting:
            self.answers.append((token, outcome))
        return was_waiting


@pytest.fixture
def machine(monkeypatch):
    machine = FakeStateMachine("token-7", "token-8")
    monkeypatch.setattr(answer_kitchen, "state_machine", lambda: machine)
    return machine


@pytest.fixture
def ask(machine, context, monkeypatch):
    """Call the handler with a simulated kitchen that gives the answer."""

    def send(*records, answer="accepted"):
        monkeypatch.setenv("KITCHEN_ANSWER", answer)
        return answer_kitchen.handler(sqs_event(*records), context)

    return send


def question(id, number="m1"):
    return sqs_record({"order": placed_body(id), "taskToken": f"token-{id}"}, number)


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_a_waiting_order_is_answered(ask, machine, answer):
    assert ask(question("7"), answer=answer) == failures()
    assert machine.answers == [("token-7", Outcome(answer))]


def test_the_kitchen_can_give_no_answer(ask, machine, logs):
    assert ask(question("7"), answer="none") == failures()
    assert machine.answers == []
    assert logs.lines()[0]["message"] == "not answered"


def test_an_order_that_no_longer_waits_is_not_a_failure(ask, machine, logs):
    assert ask(question("7"), question("7", "m2")) == failures()

    assert len(machine.answers) == 1
    assert [line["message"] for line in logs.lines()] == ["accepted", "answered too late", "processed"]


def test_the_answer_is_logged_with_the_correlation_id(ask, logs):
    ask(question("7"))

    answered, processed = logs.lines()
    assert (answered["order"], answered["correlation_id"]) == ("7", "request-1")
    assert "correlation_id" not in processed


def test_the_log_does_not_contain_tokens(ask, logs):
    ask(question("7"), sqs_record({"taskToken": "token-8"}, "m2"))

    assert "token-" not in logs.text()


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param("nonsense", id="not JSON"),
        pytest.param({"taskToken": "token-7"}, id="no order"),
        pytest.param({"order": {"customer": "ann", "id": "7"}}, id="no token"),
    ],
)
def test_only_invalid_questions_are_reported(ask, machine, poison):
    assert ask(sqs_record(poison, "m1"), question("8", "m2")) == failures("m1")
    assert machine.answers == [("token-8", Outcome("accepted"))]


def test_without_a_configured_answer_no_order_is_lost(machine, context, monkeypatch):
    monkeypatch.delenv("KITCHEN_ANSWER", raising=False)

    assert answer_kitchen.handler(sqs_event(question("7")), context) == failures("m1")
    assert machine.answers == []
