"""The stream handler: sends new orders to the kitchen, and status changes to the topic."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from lambdas.orders.events import OrderPlaced, event_of
from lambdas.orders.services import notifications, orders_queue
from lambdas.orders.table import from_item
from lambdas.runtime.batch import batch_handler, logger


@batch_handler(EventType.DynamoDBStreams)
def handler(record: DynamoDBRecord) -> None:
    """Handle one stream record. Ignore deletions, whether manual or by TTL."""
    change = record.raw_event["dynamodb"]
    if "NewImage" not in change:
        return
    old = from_item(change["OldImage"]) if "OldImage" in change else None
    event = event_of(old, from_item(change["NewImage"]))
    if event is None:
        return
    logger.set_correlation_id(event.correlation_id)
    if isinstance(event, OrderPlaced):
        orders_queue().send(event)
        logger.info("notified the kitchen", extra={"order": event.id})
    else:
        notifications().send(event)
        logger.info("notified the customer", extra={"order": event.id, "status": event.status})
