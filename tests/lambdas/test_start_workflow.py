import pytest

from lambdas import start_workflow
from tests.lambdas.builders import an_order_placed, failures, placed_body, sqs_event, sqs_record


class FakeStateMachine:
    """Starts one execution per order. Starting fails for the `failing` orders."""

    def __init__(self, *failing):
        self.failing = failing
        self.started = []

    def start(self, placed):
        if placed.id in self.failing:
            raise ConnectionError("the network is down")
        is_new = placed not in self.started
        if is_new:
            self.started.append(placed)
        return is_new


@pytest.fixture
def machine(monkeypatch):
    machine = FakeStateMachine()
    monkeypatch.setattr(start_workflow, "state_machine", lambda: machine)
    return machine


def message(id, number):
    return sqs_record(placed_body(id), number)


def test_each_new_order_starts_an_execution(machine, context):
    answer = start_workflow.handler(sqs_event(message("7", "m1"), message("8", "m2")), context)

    assert answer == failures()
    assert machine.started == [an_order_placed("7"), an_order_placed("8")]


def test_a_repeated_message_starts_one_execution(machine, context, logs):
    answer = start_workflow.handler(sqs_event(message("7", "m1"), message("7", "m1")), context)

    assert answer == failures()
    assert machine.started == [an_order_placed("7")]
    assert [(line["message"], line.get("order"), line.get("correlation_id")) for line in logs.lines()] == [
        ("workflow started", "7", "request-1"),
        ("workflow already started", "7", "request-1"),
        ("processed", None, None),
    ]


def test_only_orders_that_cannot_be_started_are_reported(machine, context):
    machine.failing = ("7",)

    assert start_workflow.handler(sqs_event(message("7", "m1"), message("8", "m2")), context) == failures("m1")
    assert machine.started == [an_order_placed("8")]


@pytest.mark.parametrize("poison", ["", "nonsense", "{}", {"customer": "ann"}, {"customer": "ann", "id": 7}], ids=str)
def test_only_invalid_messages_are_reported(machine, context, poison):
    answer = start_workflow.handler(sqs_event(sqs_record(poison, "m1"), message("8", "m2")), context)

    assert answer == failures("m1")
    assert machine.started == [an_order_placed("8")]
