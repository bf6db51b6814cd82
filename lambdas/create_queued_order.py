"""The queued-order handler: creates the orders that API Gateway put into the intake queue."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.orders.models import NewOrder
from lambdas.orders.services import orders
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.caller import Caller
from lambdas.runtime.http import parse
from lambdas.runtime.metrics import Metric, count


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """One message of the intake queue: the order gets the message's id, so a message that comes twice makes one order.

    The gateway puts the caller's name and the request's id beside the body, and whoever sends a dead letter back the
    id that the message had; nothing in the body is believed about any of these.
    """
    beside = {name: value.get("stringValue") for name, value in record.raw_event["messageAttributes"].items()}
    order_id = beside.get("orderId") or record.message_id
    caller = Caller(beside["customer"], correlation_id=beside.get("correlationId") or order_id)
    logger.set_correlation_id(caller.correlation_id)
    order, is_new = orders().create(caller, parse(record.body, NewOrder), id=order_id)
    logger.info("created" if is_new else "there already", extra={"order": order.id})
    if is_new:
        count(Metric.ORDERS_CREATED)
