"""The reader of the ledger table's stream: copies each entry to the bucket that nobody else writes to."""

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from lambdas.invoices.ledger import Entry
from lambdas.invoices.services import anchor
from lambdas.invoices.table import from_item
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.metrics import Metric, count


@batch_handler(EventType.DynamoDBStreams)
def handler(record: DynamoDBRecord) -> None:
    """Handle one stream record. Entries are only ever added: any other change is counted, for an alarm."""
    change = record.raw_event["dynamodb"]
    if "OldImage" in change:
        old = from_item(change["OldImage"], Entry)
        logger.error("entry changed or removed", extra={"entry": old.sequence, "payee": old.user_id})
        count(Metric.LEDGER_CHANGES)
    if "NewImage" in change:
        anchor().keep(from_item(change["NewImage"], Entry))
