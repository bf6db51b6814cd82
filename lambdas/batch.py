"""Handlers for event sources that deliver in batches: each record by itself, failed ones reported one by one."""

import functools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

logger = Logger()


def batch_handler(event_type: EventType) -> Callable[[Callable[[Any], None]], Callable[[Any, Any], Any]]:
    """Make a handler out of a function of one record. What the function raises fails that record alone."""

    def decorate(process: Callable[[Any], None]) -> Callable[[Any, Any], Any]:
        def logged(record: Any) -> None:
            try:
                process(record)
            except Exception:
                logger.exception("record failed", extra={"record": record.get("messageId") or record.get("eventID")})
                raise

        @functools.wraps(process)
        def handler(event: Any, context: Any) -> Any:
            # A batch in which every record failed is an answer like any other: an exception would hide which.
            processor = BatchProcessor(event_type=event_type, raise_on_entire_batch_failure=False)
            answer = process_partial_response(event=event, record_handler=logged, processor=processor, context=context)
            failed = len(answer["batchItemFailures"])
            logger.info("processed", extra={"records": len(event["Records"]), "failed": failed})
            return answer

        return logger.inject_lambda_context(handler)

    return decorate
