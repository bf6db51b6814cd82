"""The second consumer of the orders stream: drafts one invoice for each filled order."""

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
    """Handle one stream record. Ignore all changes except a move to `filled`, and back.

    An order that cannot be invoiced does not block the stream: it is logged and counted in a metric.
    """
    change = record.raw_event["dynamodb"]
    if "NewImage" not in change or "OldImage" not in change:
        return
    order = from_item(change["NewImage"])
    if change["OldImage"]["status"] == change["NewImage"]["status"]:
        return
    was_filled = change["OldImage"]["status"]["S"] == Status.FILLED
    if was_filled and order.status is Status.READY and order.total and invoices().delete_draft_of(order):
        logger.info("draft deleted", extra={"order": order.id})
    if order.status is not Status.FILLED:
        return
    logger.set_correlation_id(order.correlation_id)
    if order.total == 0:
        logger.info("nothing to invoice", extra={"order": order.id})
        return
    try:
        invoice = invoices().create_from_order(order)
    except Refusal as refusal:
        if refusal.reason != "invalid":
            raise
        count(Metric.ORDERS_NOT_INVOICED)
        logger.warning("not invoiced", extra={"order": order.id, "reason": refusal.detail})
        return
    if invoice is None:
        logger.info("already invoiced", extra={"order": order.id})
        return
    logger.info("invoiced", extra={"order": order.id, "invoice": invoice.id})
