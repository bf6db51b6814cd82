"""The stream handler: sends new orders to the kitchen, status changes to the topic, and both to the live updates."""

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from lambdas.orders import keys
from lambdas.orders.events import OrderPlaced, event_of, refund_of
from lambdas.orders.live import live_events
from lambdas.orders.models import Order
from lambdas.orders.services import notifications, orders_queue, progress
from lambdas.orders.table import from_item
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.ids import now_ms
from lambdas.runtime.metrics import Metric, count
from lambdas.runtime.services import event_api

TTL = "dynamodb.amazonaws.com"
"""Who deletes items whose time has come (DynamoDB developer guide, "DynamoDB Streams and Time to Live")."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle the records, then publish them to the live updates, which fail no record and take at most a second."""
    response: dict[str, Any] = handle_records(event, context)
    publish_live(event["Records"])
    return response


def orders_of(record: dict[str, Any]) -> tuple[Order | None, Order | None]:
    """The order before and after a change; `None` for none, and for items that are no orders."""
    images = (record["dynamodb"].get(name) for name in ("OldImage", "NewImage"))
    old, new = (from_item(image) if image and not keys.is_open_set(image) else None for image in images)
    return old, new


@batch_handler(EventType.DynamoDBStreams)
def handle_records(record: DynamoDBRecord) -> None:
    """Handle one stream record. A deletion only frees the order's number. Ignore expiries, and changes of other items
    than orders."""
    change = record.raw_event["dynamodb"]
    if "NewImage" not in change:
        # The number of an order that cannot be read, or not now, expires by itself.
        with suppress(Exception):
            follow_deletion(record.raw_event)
        return
    old, new = orders_of(record.raw_event)
    if new is None:
        return
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
        if old is not None:
            # Last: the messages are more urgent.
            progress().moved(old, new)
        logger.info("notified the customer", extra={"order": event.id, "status": event.status})


def follow_deletion(record: dict[str, Any]) -> None:
    """Free the number of an order that was deleted."""
    old, _ = orders_of(record)
    if old is not None and not is_expiry(record):
        progress().deleted(old, int(record["dynamodb"]["ApproximateCreationDateTime"] * 1000))


def publish_live(records: list[dict[str, Any]]) -> None:
    """Publish the changes to the event API, if the stack has one. Events are hints, so a failure costs no record: it is
    logged and counted, and an alarm watches the metric."""
    api = event_api()
    if api is None:
        return
    events: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        # One that cannot be read has failed already.
        with suppress(Exception):
            for channel, event in [] if is_expiry(record) else live_events(*orders_of(record), now_ms()):
                events.setdefault(channel, []).append(event)
    try:
        api.publish(events)
    except Exception:  # noqa: BLE001  nothing about a hint may fail a record
        logger.exception("not published live")
        count(Metric.LIVE_FAILURES)


def is_expiry(record: dict[str, Any]) -> bool:
    """Whether a record is the deletion of an item by its TTL."""
    return bool(record.get("userIdentity", {}).get("principalId") == TTL)
