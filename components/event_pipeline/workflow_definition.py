"""The order workflow in the Amazon States Language: check, pay, ask the kitchen, confirm, and the compensations.

Every step is idempotent, so every failure is retried. A failure that outlasts the retries, or an outcome that requires
it, starts the compensations: refund the payment, cancel the order. The orders table's stream notifies the customer of
acceptance and cancellation, as of every status change.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

State = dict[str, Any]

STEP_SECONDS = 30
"""Timeout of a step: enough for three calls of its function."""

KITCHEN_SECONDS = 600
"""How long the workflow waits for the kitchen's answer."""

EXECUTION_SECONDS = 3600
"""Timeout of an execution: more than all steps with all their attempts can take."""

RETRY = [
    {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 1,
        "BackoffRate": 2,
        "MaxAttempts": 4,
        "MaxDelaySeconds": 30,
        "JitterStrategy": "FULL",
    }
]

STEPS = ("check_order", "take_payment", "confirm_order", "refund_payment", "cancel_order")
"""Modules of the functions that the workflow calls."""


INTEGRATIONS = ("lambda:invoke", "sqs:sendMessage.waitForTaskToken")
"""What its tasks do: the ends of ARNs that differ by partition."""


def definition(
    functions: Mapping[str, pulumi.Input[str]],
    kitchen_queue_url: pulumi.Input[str],
    integrations: Sequence[pulumi.Input[str]],
) -> State:
    """The state machine, from the ARNs of `STEPS`, the URL of the kitchen queue, and the ARNs of `INTEGRATIONS`."""
    invoke, ask = integrations

    def step(module: str, comment: str, **state: Any) -> State:
        return {
            "Type": "Task",
            "Comment": comment,
            "Resource": invoke,
            "Parameters": {
                "FunctionName": functions[module],
                "Payload": {"order.$": "$.order", **state.pop("Payload", {})},
            },
            "ResultSelector": {
                "outcome.$": "$.Payload.outcome",
                "amount.$": "$.Payload.amount",
                "revision.$": "$.Payload.revision",
            },
            "TimeoutSeconds": STEP_SECONDS,
            "Retry": RETRY,
            **state,
        }

    return {
        "Comment": "Takes an order through payment and kitchen",
        "TimeoutSeconds": EXECUTION_SECONDS,
        "StartAt": "IsCancelled",
        "States": {
            "IsCancelled": {
                "Type": "Choice",
                "Comment": "An order that was cancelled after this workflow accepted it is only refunded",
                "Choices": [{"Variable": "$.order.cancelled", "IsPresent": True, "Next": "RefundCancelledOrder"}],
                "Default": "CheckOrder",
            },
            "RefundCancelledOrder": step(
                "refund_payment",
                "Refunds the payment exactly once",
                ResultPath="$.refund",
                Catch=catch("NotRefunded"),
                Next="OrderCancelled",
            ),
            "CheckOrder": step(
                "check_order",
                "Checks that the order exists and can be made, and calculates its cost",
                ResultPath="$.check",
                Catch=catch("CancelOrder"),
                Next="IsOrderGood",
            ),
            "IsOrderGood": choice("$.check.outcome", {"good": "TakePayment", "gone": "NothingToDo"}, "CancelOrder"),
            "NothingToDo": {"Type": "Succeed"},
            "TakePayment": step(
                "take_payment",
                "Takes the payment exactly once",
                Payload={"amount.$": "$.check.amount"},
                ResultPath="$.payment",
                # The payment may have been taken: the refund handles both cases.
                Catch=catch("RefundPayment"),
                Next="IsPaid",
            ),
            "IsPaid": choice("$.payment.outcome", {"paid": "AskKitchen"}, "CancelOrder"),
            "AskKitchen": {
                "Type": "Task",
                "Comment": "Notifies the kitchen and waits for its answer",
                "Resource": ask,
                "Parameters": {
                    "QueueUrl": kitchen_queue_url,
                    "MessageBody": {"order.$": "$.order", "taskToken.$": "$$.Task.Token"},
                },
                "TimeoutSeconds": KITCHEN_SECONDS,
                "ResultPath": "$.kitchen",
                # Not retried: the kitchen, already notified, would make the order twice.
                "Catch": catch("RefundPayment"),
                "Next": "DoesKitchenAccept",
            },
            "DoesKitchenAccept": choice("$.kitchen.outcome", {"accepted": "ConfirmOrder"}, "RefundPayment"),
            "ConfirmOrder": step(
                "confirm_order",
                "Accepts the order as it was paid for; the table's stream notifies the customer",
                Payload={"revision.$": "$.check.revision"},
                ResultPath="$.confirmation",
                Catch=catch("RefundPayment"),
                Next="IsConfirmed",
            ),
            "IsConfirmed": choice("$.confirmation.outcome", {"accepted": "OrderAccepted"}, "RefundPayment"),
            "OrderAccepted": {"Type": "Succeed"},
            "RefundPayment": step(
                "refund_payment",
                "Refunds the payment exactly once",
                ResultPath="$.refund",
                # The order is still cancelled; then the execution fails and an alarm goes off.
                Catch=catch("CancelOrder", "$.unrefunded"),
                Next="CancelOrder",
            ),
            "CancelOrder": step(
                "cancel_order",
                "Cancels the order; the table's stream notifies the customer",
                ResultPath="$.cancellation",
                Next="IsSettled",
            ),
            "IsSettled": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.unrefunded", "IsPresent": True, "Next": "NotRefunded"}],
                "Default": "OrderCancelled",
            },
            "NotRefunded": {
                "Type": "Fail",
                "Error": "NotRefunded",
                "Cause": "The order is cancelled, but its payment could not be refunded: see RefundPayment.",
            },
            "OrderCancelled": {"Type": "Succeed"},
        },
    }


def choice(variable: str, targets: Mapping[str, str], otherwise: str) -> State:
    """A state that branches on a step's outcome."""
    choices = [{"Variable": variable, "StringEquals": value, "Next": state} for value, state in targets.items()]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def catch(target: str, path: str = "$.failure") -> Sequence[State]:
    """The state that follows a failure that outlasts the retries; the error is stored under `path`."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": path, "Next": target}]
