"""The queued-order handler: creates the orders that API Gateway put into the intake queue."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.batch import batch_handler
from lambdas.http import parse
from lambdas.orders.access import Caller
from lambdas.orders.models import NewOrder
from lambdas.services import orders


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """One message of the intake queue: the order gets the message's id, so a message that comes twice makes one order.

    The gateway puts the caller's name beside the body; nothing in the body is believed about that.
    """
    customer = record.raw_event["messageAttributes"]["customer"]["stringValue"]
    orders().create(Caller(customer), parse(record.body, NewOrder), id=record.message_id)
