"""The orders queue handler when the order workflow is enabled: starts one execution per new order."""

import msgspec
from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.orders.events import OrderPlaced
from lambdas.orders.services import state_machine
from lambdas.runtime.batch import batch_handler, logger


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """Handle one message of the orders queue."""
    placed = msgspec.json.decode(record.body, type=OrderPlaced)
    logger.set_correlation_id(placed.correlation_id)
    is_new = state_machine().start(placed)
    logger.info("workflow started" if is_new else "workflow already started", extra={"order": placed.id})
