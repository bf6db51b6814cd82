"""A simulated kitchen for the order workflow: answers each order in the kitchen queue."""

import os

import msgspec
from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.orders.events import OrderPlaced
from lambdas.orders.services import state_machine
from lambdas.orders.workflow import Outcome
from lambdas.runtime.batch import batch_handler, logger


class Question(msgspec.Struct):
    """A message in the kitchen queue: can you make this order? The answer goes to `taskToken`."""

    order: OrderPlaced
    task_token: str = msgspec.field(name="taskToken")


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """Answer one order with `KITCHEN_ANSWER`: `accepted`, `declined`, or `none` to send no answer."""
    question = msgspec.json.decode(record.body, type=Question)
    logger.set_correlation_id(question.order.correlation_id)
    answer = os.environ["KITCHEN_ANSWER"]
    if answer == "none":
        logger.info("not answered", extra={"order": question.order.id})
        return
    was_waiting = state_machine().answer(question.task_token, Outcome(answer))
    logger.info(answer if was_waiting else "answered too late", extra={"order": question.order.id})
