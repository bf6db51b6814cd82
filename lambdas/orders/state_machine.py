"""The order workflow's state machine: starting executions and answering waiting tasks."""

import hashlib
from typing import TYPE_CHECKING

import msgspec

from lambdas.orders.events import OrderPlaced
from lambdas.orders.workflow import Outcome
from lambdas.runtime import aws

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient


class StateMachine:
    """A state machine of type STANDARD, whose execution names are unique."""

    def __init__(self, arn: str, client: "SFNClient | None" = None) -> None:
        self._arn = arn
        self._client: SFNClient = client or aws.client("stepfunctions")

    def start(self, placed: OrderPlaced) -> bool:
        """Start an order's execution. `False` if it was started before and has ended. Starting a running execution
        again has no effect."""
        task = msgspec.json.encode({"order": placed}).decode()
        try:
            self._client.start_execution(stateMachineArn=self._arn, name=execution_name(placed), input=task)
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True

    def answer(self, token: str, outcome: Outcome) -> bool:
        """Answer a waiting task. `False` if it is no longer waiting."""
        errors = self._client.exceptions
        try:
            self._client.send_task_success(taskToken=token, output=msgspec.json.encode(outcome).decode())
        except (errors.InvalidToken, errors.TaskDoesNotExist, errors.TaskTimedOut):
            return False
        return True


def execution_name(placed: OrderPlaced) -> str:
    """The name of an order's execution: the order's ID, to search for, and a hash that distinguishes it from the same
    ID of another customer or time. At most 80 characters (StartExecution), of which an ID has up to 64."""
    key = f"{placed.key}/cancelled" if placed.cancelled else placed.key
    return f"{placed.id}-{hashlib.sha256(key.encode()).hexdigest()[:15]}"
