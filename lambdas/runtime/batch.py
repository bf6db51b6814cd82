"""Handlers for event sources that deliver in batches: each record by itself, failed ones reported."""

import functools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from lambdas.runtime.errors import Refusal
from lambdas.runtime.metrics import Metric, count_by_kind

logger = Logger()


class OutOfTurn(Exception):
    """An earlier change of the same item has failed: this one has to wait for it."""


def batch_handler(event_type: EventType) -> Callable[[Callable[[Any], None]], Callable[[Any, Any], Any]]:
    """Make a handler out of a function of one record.

    What the function raises fails that record alone: those after it are handled all the same, but for a stream's
    further changes of the same item, which would be told before the first. Of a queue the answer names every failed
    message; of a stream the first failed record, because Lambda delivers a stream again from there on, whatever else is
    named. The function sets the log's correlation id once it knows it.
    """
    is_stream = event_type is EventType.DynamoDBStreams

    def decorate(process: Callable[[Any], None]) -> Callable[[Any, Any], Any]:
        @functools.wraps(process)
        def handler(event: Any, context: Any) -> Any:
            waiting: list[Any] = []

            def in_turn(record: Any) -> None:
                item = record["dynamodb"]["Keys"] if is_stream else None
                if item in waiting:
                    raise OutOfTurn
                try:
                    _observed(process, record)
                except Exception:
                    waiting.extend([item] if is_stream else [])
                    raise

            # A batch in which every record failed is an answer like any other: an exception would hide which.
            processor = BatchProcessor(event_type=event_type, raise_on_entire_batch_failure=False)
            answer = process_partial_response(event=event, record_handler=in_turn, processor=processor, context=context)
            failed = answer["batchItemFailures"]
            logger.info("processed", extra={"records": len(event["Records"]), "failed": len(failed)})
            return {"batchItemFailures": failed[:1] if is_stream else failed}

        return logger.inject_lambda_context(handler)

    return decorate


def _observed(process: Callable[[Any], None], record: Any) -> None:
    """Handle a record, and log and count what it fails of."""
    try:
        process(record)
    except Exception as error:
        # An operator finds this line by the record's id: it says why the record ends as a dead letter.
        reason = f"{type(error).__name__}: {error}"
        name = record.get("messageId") or record.get("eventID")
        logger.exception("record failed", extra={"record": name, "reason": reason})
        count_by_kind(Metric.FAILURES, error.reason if isinstance(error, Refusal) else type(error).__name__)
        raise
    finally:
        logger.set_correlation_id(None)
