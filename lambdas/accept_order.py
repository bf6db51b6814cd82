"""The orders queue handler: accepts each new order on behalf of the kitchen."""

import os

import msgspec
from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.orders.events import OrderPlaced
from lambdas.orders.services import orders
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.metrics import Metric, count, measure_ms


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """Handle one message of the orders queue. Skip an order whose status has changed in the meantime, and all of them
    where staff accept orders."""
    if os.environ.get("AUTO_ACCEPT") == "false":
        return
    placed = msgspec.json.decode(record.body, type=OrderPlaced)
    logger.set_correlation_id(placed.correlation_id)
    order = orders().accept(placed)
    if order is None:
        logger.info("skipped", extra={"order": placed.id})
        return
    logger.info("accepted", extra={"order": order.id})
    count(Metric.ORDERS_ACCEPTED)
    measure_ms(Metric.TIME_TO_ACCEPT, order.updated_at - order.created_at)
