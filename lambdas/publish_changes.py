"""The stream handler: sends new orders to the kitchen, and status changes to the topic."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from lambdas.orders import keys
from lambdas.orders.events import OrderPlaced, event_of, refund_of
from lambdas.orders.services import notifications, orders_queue
from lambdas.orders.table import from_item
from lambdas.runtime.batch import batch_handler, logger


@batch_handler(EventType.DynamoDBStreams)
def handler(record: DynamoDBRecord) -> None:
    """Handle one stream record. Ignore deletions, whether manual or by TTL, and changes of
    other items than orders."""
    change = record.raw_event["dynamodb"]
    if "NewImage" not in change or keys.is_open_set(change["NewImage"]):
        return
    old = from_item(change["OldImage"]) if "OldImage" in change else None
    new = from_item(change["NewImage"])
    event = event_of(old, new)
    if event is None:
        return
    logger.set_correlation_id(event.correlation_id)
    if isinstance(event, OrderPlaced):
        orders_queue().send(event)
        logger.info("notified the kitchen", extra={"order": event.id})
    else:
        if refund := refund_of(old, new):
            orders_queue().send(refund)
            logger.info("requested a refund", extra={"order": event.id})
        notifications().send(event)
        logger.info("notified the customer", extra={"order": event.id, "status": event.status})
