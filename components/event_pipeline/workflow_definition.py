"""The order workflow in the Amazon States Language: check, pay, ask the kitchen, confirm, and what undoes them.

Every step may run twice with the effect of once, so every failure is tried again; what no attempt has mended, or what
a step's outcome calls for, leads to the compensations: give the payment back, cancel the order. The customer is told
of acceptance and cancellation by the orders table's stream, like of every change of status.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

State = dict[str, Any]

STEP_SECONDS = 30
"""A step's time-out: three calls of its function."""

KITCHEN_SECONDS = 600
"""How long the kitchen has to answer before the order is given up."""

EXECUTION_SECONDS = 3600
"""The end of an execution, whatever happens: more than all steps with all their attempts can take."""

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
"""The functions that the workflow calls, by module."""


def definition(functions: Mapping[str, pulumi.Input[str]], kitchen_queue_url: pulumi.Input[str]) -> State:
    """The state machine, with the ARNs of `STEPS` and the address of the queue in which the kitchen is asked."""

    def step(module: str, comment: str, **state: Any) -> State:
        return {
            "Type": "Task",
            "Comment": comment,
            "Resource": "arn:aws:states:::lambda:invoke",
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
        "Comment": "An order's way through payment and kitchen",
        "TimeoutSeconds": EXECUTION_SECONDS,
        "StartAt": "CheckOrder",
        "States": {
            "CheckOrder": step(
                "check_order",
                "Is there an order, can it be made, what does it cost?",
                ResultPath="$.check",
                Catch=caught("CancelOrder"),
                Next="IsOrderGood",
            ),
            "IsOrderGood": choice("$.check.outcome", {"good": "TakePayment", "gone": "NothingToDo"}, "CancelOrder"),
            "NothingToDo": {"Type": "Succeed"},
            "TakePayment": step(
                "take_payment",
                "Takes the payment, once",
                Payload={"amount.$": "$.check.amount"},
                ResultPath="$.payment",
                # Nobody knows whether it was taken: giving back settles that as well.
                Catch=caught("RefundPayment"),
                Next="IsPaid",
            ),
            "IsPaid": choice("$.payment.outcome", {"paid": "AskKitchen"}, "CancelOrder"),
            "AskKitchen": {
                "Type": "Task",
                "Comment": "Tells the kitchen, and waits for its answer",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {
                    "QueueUrl": kitchen_queue_url,
                    "MessageBody": {"order.$": "$.order", "taskToken.$": "$$.Task.Token"},
                },
                "TimeoutSeconds": KITCHEN_SECONDS,
                "ResultPath": "$.kitchen",
                # Not asked again: the kitchen has been told, and would make it twice.
                "Catch": caught("RefundPayment"),
                "Next": "DoesKitchenAccept",
            },
            "DoesKitchenAccept": choice("$.kitchen.outcome", {"accepted": "ConfirmOrder"}, "RefundPayment"),
            "ConfirmOrder": step(
                "confirm_order",
                "Accepts the order as it was paid for; the customer is told by the table's stream",
                Payload={"revision.$": "$.check.revision"},
                ResultPath="$.confirmation",
                Catch=caught("RefundPayment"),
                Next="IsConfirmed",
            ),
            "IsConfirmed": choice("$.confirmation.outcome", {"accepted": "OrderAccepted"}, "RefundPayment"),
            "OrderAccepted": {"Type": "Succeed"},
            "RefundPayment": step(
                "refund_payment",
                "Gives back what was paid, once",
                ResultPath="$.refund",
                # The order is cancelled all the same; the execution fails after that, and an alarm says so.
                Catch=caught("CancelOrder", "$.unrefunded"),
                Next="CancelOrder",
            ),
            "CancelOrder": step(
                "cancel_order",
                "Cancels the order; the customer is told by the table's stream",
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
                "Cause": "The order is cancelled, but its payment could not be given back: see RefundPayment.",
            },
            "OrderCancelled": {"Type": "Succeed"},
        },
    }


def choice(variable: str, targets: Mapping[str, str], otherwise: str) -> State:
    """A state that goes on by a step's outcome."""
    choices = [{"Variable": variable, "StringEquals": value, "Next": state} for value, state in targets.items()]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


def caught(target: str, path: str = "$.failure") -> Sequence[State]:
    """Where a failure leads that no attempt has mended; what it was is kept under a path."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": path, "Next": target}]
