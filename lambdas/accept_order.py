"""The queue handler: the kitchen accepts a new order."""

import msgspec
from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batch import batch_handler
from lambdas.orders.events import OrderPlaced
from lambdas.services import orders


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """One message of the orders queue."""
    placed = msgspec.json.decode(record.body, type=OrderPlaced)
    orders().accept(placed.customer, placed.id)
