"""Handlers for the steps of the order workflow: each takes the state machine's input and returns an outcome."""

import functools
from collections.abc import Callable
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

from lambdas.orders.events import OrderPlaced
from lambdas.orders.workflow import Outcome
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


class Task(msgspec.Struct):
    """The input of a step: the order and, after the check, its price (minor units) and the revision priced."""

    order: OrderPlaced
    amount: int = 0
    revision: str = ""


def step(process: Callable[[Task], Outcome]) -> Callable[[Any, Any], Any]:
    """Turn a step into a handler. The state machine retries or compensates for an exception."""

    @functools.wraps(process)
    def handler(event: Any, context: Any) -> Any:
        task = msgspec.convert(event, Task)
        logger.set_correlation_id(task.order.correlation_id)
        try:
            outcome = process(task)
        except Exception as error:
            count_by_kind(Metric.FAILURES, type(error).__name__)
            logger.exception("step failed", extra={"order": task.order.id})
            raise
        logger.info(outcome.outcome, extra={"order": task.order.id, "reason": outcome.reason})
        return msgspec.to_builtins(outcome)

    return logger.inject_lambda_context(handler)
