"""The upload handler: examines each uploaded file, then stores or discards it."""

import os

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from lambdas.photos.arrivals import Arrival, parse
from lambdas.photos.services import filing
from lambdas.runtime.batch import batch_handler, logger
from lambdas.runtime.errors import Refusal
from lambdas.runtime.metrics import Metric, count_by_kind


@batch_handler(EventType.SQS)
def handler(record: SQSRecord) -> None:
    """Handle one S3 event message. A file that is not a photo is discarded; it is not a failure and is not retried.

    A file that could not be examined in all attempts but the last, `MAX_RECEIVES`, is discarded in the last one.
    """
    is_last = int(record.attributes.approximate_receive_count) >= int(os.environ["MAX_RECEIVES"])
    for arrival in parse(record.body):
        _file(arrival, is_last=is_last)


def _file(arrival: Arrival, *, is_last: bool) -> None:
    try:
        photo = (filing().give_up if is_last else filing().file_upload)(arrival)
    except Refusal as refusal:
        if refusal.reason == "unavailable":
            raise
        count_by_kind(Metric.REFUSALS, refusal.reason)
        logger.info("discarded", extra={"key": arrival.key, "reason": str(refusal)})
    else:
        logger.info("filed" if photo else "already filed", extra={"key": arrival.key})
