"""The state machine's definition: failures are compensated, and every wait has a timeout."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.blocks.python_function import TIMEOUT_SECONDS
from components.event_pipeline.workflow_definition import (
    EXECUTION_SECONDS,
    INTEGRATIONS,
    KITCHEN_SECONDS,
    STEP_SECONDS,
    STEPS,
    definition,
)

MACHINE = definition({module: f"arn:{module}" for module in STEPS}, "https://kitchen", INTEGRATIONS)
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
TASKS = [name for name, state in STATES.items() if state["Type"] == "Task"]
ENDS = {"NothingToDo", "OrderAccepted", "OrderCancelled", "NotRefunded"}

SUCCESSFUL = {
    "CheckOrder": "good",
    "TakePayment": "paid",
    "AskKitchen": "accepted",
    "ConfirmOrder": "accepted",
    "RefundPayment": "refunded",
    "CancelOrder": "cancelled",
}
FAILED = "it fails permanently"


def run(**answers: str) -> list[str]:
    """The states of an execution in which some tasks return other outcomes. An uncaught failure ends it."""
    data: dict[str, Any] = {}
    name, visited = MACHINE["StartAt"], []
    while True:
        state = STATES[name]
        visited.append(name)
        if state["Type"] in ("Succeed", "Fail"):
            return visited
        if state["Type"] == "Choice":
            name = next_state(state, data)
        elif (answer := answers.get(name, SUCCESSFUL[name])) == FAILED:
            if "Catch" not in state:
                return visited
            (catcher,) = state["Catch"]
            data[catcher["ResultPath"]] = {"Error": "any"}
            name = catcher["Next"]
        else:
            data[state["ResultPath"]] = {"outcome": answer}
            name = state["Next"]


def next_state(state: dict[str, Any], data: dict[str, Any]) -> str:
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


def test_every_state_exists_and_is_reachable() -> None:
    reached = {MACHINE["StartAt"], *(target for state in STATES.values() for target in targets(state))}

    assert reached == STATES.keys()
    assert {name for name, state in STATES.items() if state["Type"] in ("Succeed", "Fail")} == ENDS


def test_a_valid_order_is_checked_paid_prepared_and_confirmed() -> None:
    assert [name for name in run() if name in TASKS] == ["CheckOrder", "TakePayment", "AskKitchen", "ConfirmOrder"]
    assert run()[-1] == "OrderAccepted"


@pytest.mark.parametrize(
    ("task", "answer", "tasks", "end"),
    [
        ("CheckOrder", "gone", ["CheckOrder"], "NothingToDo"),
        ("CheckOrder", "refused", ["CheckOrder", "CancelOrder"], "OrderCancelled"),
        ("CheckOrder", FAILED, ["CheckOrder", "CancelOrder"], "OrderCancelled"),
        ("TakePayment", "declined", ["CheckOrder", "TakePayment", "CancelOrder"], "OrderCancelled"),
    ],
)
def test_an_order_that_fails_before_payment_is_cancelled(task: str, answer: str, tasks: list[str], end: str) -> None:
    visited = run(**{task: answer})

    assert [name for name in visited if name in TASKS] == tasks
    assert visited[-1] == end


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("TakePayment", FAILED),
        ("AskKitchen", "declined"),
        ("AskKitchen", FAILED),
        ("ConfirmOrder", "gone"),
        ("ConfirmOrder", FAILED),
        ("AskKitchen", "an unknown answer"),
    ],
)
def test_an_order_that_fails_after_payment_is_refunded_and_cancelled(task: str, answer: str) -> None:
    visited = [name for name in run(**{task: answer}) if name in {*TASKS, *ENDS}]

    assert visited[visited.index(task) + 1 :] == ["RefundPayment", "CancelOrder", "OrderCancelled"]


def test_a_failed_refund_cancels_the_order_and_fails_the_execution() -> None:
    visited = run(AskKitchen="declined", RefundPayment=FAILED)

    assert visited[-4:] == ["RefundPayment", "CancelOrder", "IsSettled", "NotRefunded"]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_timeout(task: str) -> None:
    assert STATES[task]["TimeoutSeconds"] == (KITCHEN_SECONDS if task == "AskKitchen" else STEP_SECONDS)


def test_a_steps_timeout_exceeds_its_functions() -> None:
    assert STEP_SECONDS > TIMEOUT_SECONDS


def test_an_executions_timeout_covers_every_attempt_of_every_step() -> None:
    longest = KITCHEN_SECONDS
    for task in TASKS:
        for retrier in STATES[task].get("Retry", []):
            attempts = 1 + retrier["MaxAttempts"]
            longest += attempts * (STEP_SECONDS + retrier["MaxDelaySeconds"])

    # An execution that times out runs no compensation.
    assert longest < EXECUTION_SECONDS == MACHINE["TimeoutSeconds"]


def test_every_step_but_the_kitchen_is_retried() -> None:
    assert {task for task in TASKS if "Retry" not in STATES[task]} == {"AskKitchen"}
    assert {state["Retry"][0]["ErrorEquals"][0] for state in STATES.values() if "Retry" in state} == {"States.ALL"}


def test_every_step_but_the_last_catches_failures() -> None:
    assert {task for task in TASKS if "Catch" not in STATES[task]} == {"CancelOrder"}


def test_steps_get_only_the_input_that_they_need() -> None:
    payloads = {state["Parameters"]["FunctionName"]: state["Parameters"]["Payload"] for state in steps()}

    assert payloads.keys() == {f"arn:{module}" for module in STEPS}
    assert payloads["arn:take_payment"] == {"order.$": "$.order", "amount.$": "$.check.amount"}
    # The accepted revision must be the one that was paid for.
    assert payloads["arn:confirm_order"] == {"order.$": "$.order", "revision.$": "$.check.revision"}
    others = [payloads[f"arn:{module}"] for module in ("check_order", "refund_payment", "cancel_order")]
    assert others == [{"order.$": "$.order"}] * 3


def steps() -> list[dict[str, Any]]:
    return [STATES[task] for task in TASKS if task != "AskKitchen"]


def test_the_kitchen_gets_the_order_and_a_token_to_answer_with() -> None:
    state = STATES["AskKitchen"]

    assert state["Resource"] == "sqs:sendMessage.waitForTaskToken"
    assert state["Parameters"] == {
        "QueueUrl": "https://kitchen",
        "MessageBody": {"order.$": "$.order", "taskToken.$": "$$.Task.Token"},
    }
