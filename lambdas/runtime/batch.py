"""Handlers for batch event sources. Each record is handled individually, and failures are reported."""

import functools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from lambdas.runtime.errors import Refusal
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


class OutOfOrder(Exception):
    """An earlier change of the same item has failed, so this one must wait."""


def batch_handler(event_type: EventType) -> Callable[[Callable[[Any], None]], Callable[[Any, Any], Any]]:
    """Turn a function of one record into a handler.

    An exception fails only that record. The following records are still handled, except a stream's further changes of
    the same item, which would otherwise be published before the failed one. For a queue, the response names every
    failed message; for a stream, only the first failed record, because Lambda redelivers a stream from there on,
    whatever else is named. The function sets the log's correlation ID as soon as it knows it.
    """
    is_stream = event_type is EventType.DynamoDBStreams

    def decorate(process: Callable[[Any], None]) -> Callable[[Any, Any], Any]:
        @functools.wraps(process)
        def handler(event: Any, context: Any) -> Any:
            waiting: list[Any] = []

            def ordered(record: Any) -> None:
                item = record["dynamodb"]["Keys"] if is_stream else None
                if item in waiting:
                    raise OutOfOrder
                try:
                    _process(process, record)
                except Exception:
                    waiting.extend([item] if is_stream else [])
                    raise

            # Even if every record failed, name them: an exception would fail the batch as a whole.
            processor = BatchProcessor(event_type=event_type, raise_on_entire_batch_failure=False)
            response = process_partial_response(
                event=event, record_handler=ordered, processor=processor, context=context
            )
            failed = response["batchItemFailures"]
            logger.info("processed", extra={"records": len(event["Records"]), "failed": len(failed)})
            return {"batchItemFailures": failed[:1] if is_stream else failed}

        return logger.inject_lambda_context(handler)

    return decorate


def _process(process: Callable[[Any], None], record: Any) -> None:
    """Handle a record, and log and count a failure."""
    try:
        process(record)
    except Exception as error:
        # Operators find this line by the record's ID. It says why the record becomes a dead letter.
        reason = f"{type(error).__name__}: {error}"
        name = record.get("messageId") or record.get("eventID")
        logger.exception("record failed", extra={"record": name, "reason": reason})
        count_by_kind(Metric.FAILURES, error.reason if isinstance(error, Refusal) else type(error).__name__)
        raise
    finally:
        logger.set_correlation_id(None)
