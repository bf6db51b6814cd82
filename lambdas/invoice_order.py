"""The second reader of the orders' stream: makes an invoice of an order that is filled, once."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from lambdas.invoices.services import invoices
from lambdas.orders.models import Status
from lambdas.orders.table import from_item
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.errors import Refusal
from lambdas.runtime.metrics import Metric, count


@batch_handler(EventType.DynamoDBStreams)
def handler(record: DynamoDBRecord) -> None:
    """One record of the stream: what is no move to `filled` concerns nobody here.

    An order that cannot be invoiced holds nobody up: a line and a metric tell of it.
    """
    change = record.raw_event["dynamodb"]
    if "NewImage" not in change or "OldImage" not in change:
        return
    order = from_item(change["NewImage"])
    if order.status is not Status.FILLED or change["OldImage"]["status"] == change["NewImage"]["status"]:
        return
    logger.set_correlation_id(order.correlation_id)
    try:
        invoice = invoices().of_order(order)
    except Refusal as refusal:
        if refusal.reason != "invalid":
            raise
        count(Metric.ORDERS_NOT_INVOICED)
        logger.warning("no invoice", extra={"order": order.id, "reason": refusal.detail})
        return
    if invoice is None:
        logger.info("invoiced before", extra={"order": order.id})
        return
    logger.info("invoiced", extra={"order": order.id, "invoice": invoice.id})
