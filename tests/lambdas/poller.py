"""A model of Lambda's event source mappings, as documented by AWS.

Streams, from the AWS Lambda developer guide: "Configuring partial batch response with DynamoDB and Lambda" (the
response format, and where a batch is split), "Retaining discarded records for a DynamoDB event source in Lambda" (when
Lambda discards records, that splitting does not count as a retry, and what the failure destination receives) and
"Lambda parameters for Amazon DynamoDB event source mappings". Queues, from the same guide: "Handling errors for an SQS
event source in Lambda"; and from the Amazon SQS developer guide: "Using dead-letter queues in Amazon SQS".

The model has one shard, one batch at a time and no batching window. Those affect only when records are delivered, not
the result. Behavior that AWS does not specify is a setting, so that tests can cover both variants.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.lambdas.fakes import FakeClock

Record = dict[str, Any]
Function = Callable[[dict[str, Any]], Any]
"""Takes an event and returns a response. An exception fails the whole batch."""


class WorkerDied(BaseException):
    """The function's process ended, for example by a timeout. `except Exception` does not catch it."""


class CompleteFailure(Exception):
    """All records of the batch failed."""


def failed_items(answer: Any, known: Collection[str]) -> list[str]:
    """The identifiers of failed records in a response: none if the response is null, or its list is empty or null. An
    identifier that is empty, null, unknown or under another key fails the batch."""
    failures = (answer or {}).get("batchItemFailures") or []
    failed = [failure.get("itemIdentifier") for failure in failures]
    if not set(failed) <= set(known):
        raise CompleteFailure
    return failed


def call(function: Function, records: Sequence[Record], identifiers: Sequence[str]) -> list[str]:
    """Invoke a function with a batch and return the failed identifiers."""
    try:
        answer = function({"Records": list(records)})
    except (Exception, WorkerDied) as error:
        raise CompleteFailure from error
    return failed_items(answer, identifiers)


class Discarded(NamedTuple):
    """What the failure destination receives: the range of the discarded records in the stream, not the records."""

    condition: str
    start: str
    end: str
    size: int

    def contains(self, sequence: str) -> bool:
        """Whether a record is in the discarded range."""
        return int(self.start) <= int(sequence) <= int(self.end)


@dataclass(frozen=True)
class StreamSettings:
    """The settings of a stream's event source mapping with a failure destination and `ReportBatchItemFailures`."""

    batch_size: int = 10
    bisect: bool = True
    max_retries: int = 10
    max_age_seconds: int = 3600
    retry_seconds: int = 5
    """The delay before a retry. AWS does not document it."""

    split_renews_retries: bool = False
    """Whether the parts of a split batch start with all retries or with the batch's remaining ones. AWS documents only
    that splitting does not count as a retry."""

    halve_at_first: bool = False
    """Whether a batch whose first record failed is halved. AWS documents that a batch is split at the failed record,
    which splits off nothing if it is the first one."""


class Batch(NamedTuple):
    """Records that are delivered together, and the number of retries so far."""

    records: Sequence[Record]
    retries: int = 0


class StreamPoller:
    """Delivers a shard's records in order. The next batch waits until the current one is processed or discarded."""

    def __init__(self, function: Function, clock: FakeClock, settings: StreamSettings | None = None) -> None:
        self._function = function
        self._clock = clock
        self._settings = settings or StreamSettings()
        self.discarded: list[Discarded] = []

    def deliver(self, records: Sequence[Record]) -> None:
        """Deliver records that have just been added to the stream."""
        added_at = self._clock.now
        size = self._settings.batch_size
        for start in range(0, len(records), size):
            waiting = [Batch(records[start : start + size])]
            while waiting:
                batch = waiting.pop()
                if self._clock.now - added_at > self._settings.max_age_seconds * 1000:
                    self._discard("RecordAgeExceeded", batch)
                    continue
                # Last in, first out: the earlier half is next.
                waiting.extend(reversed(self._try(batch)))

    def _try(self, batch: Batch) -> list[Batch]:
        """Deliver a batch once and return the batches to deliver again."""
        identifiers = [sequence_number(record) for record in batch.records]
        try:
            failed = call(self._function, batch.records, identifiers)
        except CompleteFailure:
            return self._halves(batch) if self._settings.bisect else self._again(batch)
        if not failed:
            return []
        # The lowest failed number is the checkpoint: delivery continues from there.
        checkpoint = identifiers.index(min(failed, key=int))
        rest = batch._replace(records=batch.records[checkpoint:])
        if not self._settings.bisect:
            return self._again(rest)
        if checkpoint > 0:
            return self._split(batch, rest.records)
        return self._halves(batch) if self._settings.halve_at_first else self._again(batch)

    def _halves(self, batch: Batch) -> list[Batch]:
        middle = len(batch.records) // 2
        if middle == 0:
            return self._again(batch)
        return self._split(batch, batch.records[:middle], batch.records[middle:])

    def _split(self, batch: Batch, *parts: Sequence[Record]) -> list[Batch]:
        """Split a batch, which does not count as a retry."""
        self._clock.pass_ms(self._settings.retry_seconds * 1000)
        return [Batch(part, 0 if self._settings.split_renews_retries else batch.retries) for part in parts]

    def _again(self, batch: Batch) -> list[Batch]:
        """Retry the batch, or discard it after the last retry."""
        if batch.retries == self._settings.max_retries:
            self._discard("RetryAttemptsExhausted", batch)
            return []
        self._clock.pass_ms(self._settings.retry_seconds * 1000)
        return [batch._replace(retries=batch.retries + 1)]

    def _discard(self, condition: str, batch: Batch) -> None:
        ends = (sequence_number(batch.records[end]) for end in (0, -1))
        self.discarded.append(Discarded(condition, *ends, len(batch.records)))


def sequence_number(record: Record) -> str:
    """The sequence number of a stream record."""
    return str(record["dynamodb"]["SequenceNumber"])


class QueuePoller:
    """Delivers a queue's messages with `ReportBatchItemFailures`. Failed messages become visible again. A message that
    would be received more than `max_receives` times moves to the dead-letter queue."""

    def __init__(self, function: Function, *, batch_size: int = 10, max_receives: int = 5) -> None:
        self._function = function
        self._batch_size = batch_size
        self._max_receives = max_receives
        self._visible: deque[Record] = deque()
        self._receives: dict[str, int] = {}
        self.dead_letters: list[Record] = []

    def send(self, *messages: Record) -> None:
        """Add messages to the queue."""
        self._visible.extend(messages)

    def drain(self) -> None:
        """Deliver until the queue is empty."""
        while batch := self._receive():
            identifiers = [message["messageId"] for message in batch]
            try:
                failed = call(self._function, batch, identifiers)
            except CompleteFailure:
                failed = identifiers
            self._visible.extend(message for message in batch if message["messageId"] in failed)

    def _receive(self) -> list[Record]:
        batch: list[Record] = []
        while self._visible and len(batch) < self._batch_size:
            message = self._visible.popleft()
            receives = self._receives[message["messageId"]] = self._receives.get(message["messageId"], 0) + 1
            if receives > self._max_receives:
                self.dead_letters.append(message)
            else:
                attributes = {**message["attributes"], "ApproximateReceiveCount": str(receives)}
                batch.append({**message, "attributes": attributes})
        return batch
