"""The state machine as it is written: whatever fails, what was done is undone, and nothing waits for ever."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.blocks.python_function import TIMEOUT_SECONDS
from components.event_pipeline.workflow_definition import (
    EXECUTION_SECONDS,
    KITCHEN_SECONDS,
    STEP_SECONDS,
    STEPS,
    definition,
)

MACHINE = definition({module: f"arn:{module}" for module in STEPS}, "https://kitchen")
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]
ENDS = {"NothingToDo", "OrderAccepted", "OrderCancelled", "NotRefunded"}

GOOD = {
    "CheckOrder": "good",
    "TakePayment": "paid",
    "AskKitchen": "accepted",
    "ConfirmOrder": "accepted",
    "RefundPayment": "refunded",
    "CancelOrder": "cancelled",
}
FAILED = "it fails for good"


def way(**answers: str) -> list[str]:
    """The states that an execution goes through when some tasks answer other than well. A machine that fails ends."""
    data: dict[str, Any] = {}
    name, passed = MACHINE["StartAt"], []
    while True:
        state = STATES[name]
        passed.append(name)
        if state["Type"] in ("Succeed", "Fail"):
            return passed
        if state["Type"] == "Choice":
            name = chosen(state, data)
        elif (answer := answers.get(name, GOOD[name])) == FAILED:
            if "Catch" not in state:
                return passed
            (catcher,) = state["Catch"]
            data[catcher["ResultPath"]] = {"Error": "any"}
            name = catcher["Next"]
        else:
            data[state["ResultPath"]] = {"outcome": answer}
            name = state["Next"]


def chosen(state: dict[str, Any], data: dict[str, Any]) -> str:
    for rule in state["Choices"]:
        path, _, attribute = rule["Variable"].rpartition(".")
        if rule.get("IsPresent") and rule["Variable"] in data:
            return str(rule["Next"])
        if attribute == "outcome" and data[path]["outcome"] == rule.get("StringEquals"):
            return str(rule["Next"])
    return str(state["Default"])


def targets(state: dict[str, Any]) -> Iterator[str]:
    yield from (each["Next"] for each in [*state.get("Choices", []), *state.get("Catch", [])])
    yield from (state[key] for key in ("Next", "Default") if key in state)


def test_every_state_is_there_and_can_be_reached() -> None:
    reached = {MACHINE["StartAt"], *(target for state in STATES.values() for target in targets(state))}

    assert reached == STATES.keys()
    assert {name for name, state in STATES.items() if state["Type"] in ("Succeed", "Fail")} == ENDS


def test_a_good_order_is_checked_paid_made_and_confirmed() -> None:
    assert [name for name in way() if name in TASKS] == ["CheckOrder", "TakePayment", "AskKitchen", "ConfirmOrder"]
    assert way()[-1] == "OrderAccepted"


@pytest.mark.parametrize(
    ("task", "answer", "tasks", "end"),
    [
        ("CheckOrder", "gone", ["CheckOrder"], "NothingToDo"),
        ("CheckOrder", "refused", ["CheckOrder", "CancelOrder"], "OrderCancelled"),
        ("CheckOrder", FAILED, ["CheckOrder", "CancelOrder"], "OrderCancelled"),
        ("TakePayment", "declined", ["CheckOrder", "TakePayment", "CancelOrder"], "OrderCancelled"),
    ],
)
def test_what_is_refused_before_money_moves_is_cancelled(task: str, answer: str, tasks: list[str], end: str) -> None:
    passed = way(**{task: answer})

    assert [name for name in passed if name in TASKS] == tasks
    assert passed[-1] == end


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("TakePayment", FAILED),
        ("AskKitchen", "declined"),
        ("AskKitchen", FAILED),
        ("ConfirmOrder", "gone"),
        ("ConfirmOrder", FAILED),
        ("AskKitchen", "an answer that nobody has heard of"),
    ],
)
def test_what_fails_once_money_may_have_moved_is_refunded_and_then_cancelled(task: str, answer: str) -> None:
    passed = [name for name in way(**{task: answer}) if name in {*TASKS, *ENDS}]

    assert passed[passed.index(task) + 1 :] == ["RefundPayment", "CancelOrder", "OrderCancelled"]


def test_a_refund_that_cannot_be_made_cancels_all_the_same_and_says_so() -> None:
    passed = way(AskKitchen="declined", RefundPayment=FAILED)

    assert passed[-4:] == ["RefundPayment", "CancelOrder", "IsSettled", "NotRefunded"]


@pytest.mark.parametrize("task", TASKS)
def test_no_task_waits_for_ever(task: str) -> None:
    assert STATES[task]["TimeoutSeconds"] == (KITCHEN_SECONDS if task == "AskKitchen" else STEP_SECONDS)


def test_a_step_has_time_for_its_function() -> None:
    assert STEP_SECONDS > TIMEOUT_SECONDS


def test_an_execution_has_time_for_all_steps_and_all_their_attempts() -> None:
    longest = KITCHEN_SECONDS
    for task in TASKS:
        for retrier in STATES[task].get("Retry", []):
            attempts = 1 + retrier["MaxAttempts"]
            longest += attempts * (STEP_SECONDS + retrier["MaxDelaySeconds"])

    # An execution that is cut off compensates for nothing.
    assert longest < EXECUTION_SECONDS == MACHINE["TimeoutSeconds"]


def test_every_step_is_tried_again_and_the_kitchen_is_asked_once() -> None:
    assert {task for task in TASKS if "Retry" not in STATES[task]} == {"AskKitchen"}
    assert {state["Retry"][0]["ErrorEquals"][0] for state in STATES.values() if "Retry" in state} == {"States.ALL"}


def test_only_the_last_step_of_all_has_nowhere_to_go_when_it_fails() -> None:
    assert {task for task in TASKS if "Catch" not in STATES[task]} == {"CancelOrder"}


def test_steps_get_the_order_and_nothing_of_anybody_elses() -> None:
    payloads = {state["Parameters"]["FunctionName"]: state["Parameters"]["Payload"] for state in steps()}

    assert payloads.keys() == {f"arn:{module}" for module in STEPS}
    assert payloads["arn:take_payment"] == {"order.$": "$.order", "amount.$": "$.check.amount"}
    # What is accepted has to be what was paid for.
    assert payloads["arn:confirm_order"] == {"order.$": "$.order", "revision.$": "$.check.revision"}
    others = [payloads[f"arn:{module}"] for module in ("check_order", "refund_payment", "cancel_order")]
    assert others == [{"order.$": "$.order"}] * 3


def steps() -> list[dict[str, Any]]:
    return [STATES[task] for task in TASKS if task != "AskKitchen"]


def test_the_kitchen_gets_the_order_and_a_token_to_answer_with() -> None:
    state = STATES["AskKitchen"]

    assert state["Resource"] == "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    assert state["Parameters"] == {
        "QueueUrl": "https://kitchen",
        "MessageBody": {"order.$": "$.order", "taskToken.$": "$$.Task.Token"},
    }
