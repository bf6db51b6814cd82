"""The intake queue handler: creates the orders that API Gateway put into the queue."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.orders.models import NewOrder
from lambdas.orders.services import priced_orders
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.http import parse
from lambdas.runtime.metrics import Metric, count, count_by_kind


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """Handle one message of the intake queue. The order gets the message's ID, so a duplicate creates no second order.

    The message's attributes hold the caller's name and the request's ID, set by API Gateway, and, for a redriven dead
    letter, the original message's ID. The body is not trusted for any of these.

    An order that is refused for what it asks is stored as cancelled. One that can never be read is dropped: it would be
    refused again, and a dead letter is for what a person can repair.
    """
    attributes = {name: value.get("stringValue") for name, value in record.raw_event["messageAttributes"].items()}
    order_id = attributes.get("orderId") or record.message_id
    caller = Caller(attributes["customer"], correlation_id=attributes.get("correlationId") or order_id)
    logger.set_correlation_id(caller.correlation_id)
    body = None
    try:
        body = parse(record.body, NewOrder)
        order, is_new = priced_orders().create(caller, body, id=order_id)
    except Refusal as refusal:
        if refusal.reason == "unavailable":
            raise
        count_by_kind(Metric.REFUSALS, refusal.reason)
        # The content was refused, not the message: the customer learns why.
        told = body if refusal.reason in ("invalid", "throttled") or "type" in refusal.extra else None
        stored = told is not None and priced_orders().refuse(caller, told, order_id, refusal.detail)
        extra = {"order": order_id, "customer": caller.name, "reason": refusal.extra.get("type") or refusal.reason}
        logger.warning("refused" if stored else "dropped", extra=extra)
        return
    logger.info("created" if is_new else "already exists", extra={"order": order.id})
    if is_new:
        count(Metric.ORDERS_CREATED)
