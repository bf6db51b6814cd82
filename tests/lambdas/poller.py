"""What hands records to a function: Lambda's event source mappings, as far as AWS says what they do.

Streams, from the AWS Lambda developer guide: "Configuring partial batch response with DynamoDB and Lambda" (what an
answer means, and where a batch is split), "Retaining discarded records for a DynamoDB event source in Lambda" (when
records are given up, that splitting does not count as a retry, and what the failure destination gets) and "Lambda
parameters for Amazon DynamoDB event source mappings". Queues, from the same guide: "Handling errors for an SQS event
source in Lambda"; and from the Amazon SQS developer guide: "Using dead-letter queues in Amazon SQS".

One shard, one batch at a time, and no batching window: what is left out here changes when records are delivered, and
not what becomes of them. What AWS leaves open is a setting, so that tests can have it either way.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.lambdas.fakes import FakeClock

Record = dict[str, Any]
Function = Callable[[dict[str, Any]], Any]
"""From an event to an answer. What it raises fails the whole batch."""


class WorkerDied(BaseException):
    """The end of a function's process, by time-out or otherwise: no `except Exception` of its own sees it."""


class CompleteFailure(Exception):
    """No record of the batch counts as done."""


def failed_items(answer: Any, known: Collection[str]) -> list[str]:
    """The identifiers of the records that an answer names as failed: none where it is null, or its list is empty or
    null. An identifier that is empty, null, unknown, or under another name, fails all."""
    failures = (answer or {}).get("batchItemFailures") or []
    failed = [failure.get("itemIdentifier") for failure in failures]
    if not set(failed) <= set(known):
        raise CompleteFailure
    return failed


def call(function: Function, records: Sequence[Record], identifiers: Sequence[str]) -> list[str]:
    """Hand a batch over, and give what the answer names as failed."""
    try:
        answer = function({"Records": list(records)})
    except (Exception, WorkerDied) as error:
        raise CompleteFailure from error
    return failed_items(answer, identifiers)


class Discarded(NamedTuple):
    """What the failure destination gets: no record, but where in the stream those are that were given up."""

    condition: str
    start: str
    end: str
    size: int

    def holds(self, sequence: str) -> bool:
        """Whether this was given up as well."""
        return int(self.start) <= int(sequence) <= int(self.end)


@dataclass(frozen=True)
class StreamSettings:
    """A mapping from a stream, with a failure destination and `ReportBatchItemFailures`."""

    batch_size: int = 10
    bisect: bool = True
    max_retries: int = 10
    max_age_seconds: int = 3600
    retry_seconds: int = 5
    """How long Lambda waits before it tries again. AWS gives no number."""

    split_renews_retries: bool = False
    """Whether the parts of a split batch have all retries before them, or those that the batch had left. AWS says only
    that splitting is none."""

    halves_at_first: bool = False
    """Whether a batch whose first record failed is halved. AWS says that it is split at the record that is named: with
    the first one, that splits nothing off."""


class Batch(NamedTuple):
    """Records that are delivered together, and how often that has been tried again."""

    records: Sequence[Record]
    retries: int = 0


class StreamPoller:
    """Delivers a shard's records in their order: the next batch waits until this one is done, or given up."""

    def __init__(self, function: Function, clock: FakeClock, settings: StreamSettings | None = None) -> None:
        self._function = function
        self._clock = clock
        self._settings = settings or StreamSettings()
        self.discarded: list[Discarded] = []

    def deliver(self, records: Sequence[Record]) -> None:
        """All of these, which have come into the stream just now."""
        came_at = self._clock.now
        size = self._settings.batch_size
        for start in range(0, len(records), size):
            waiting = [Batch(records[start : start + size])]
            while waiting:
                batch = waiting.pop()
                if self._clock.now - came_at > self._settings.max_age_seconds * 1000:
                    self._discard("RecordAgeExceeded", batch)
                    continue
                # The last in is the first out: of two halves the earlier one.
                waiting.extend(reversed(self._try(batch)))

    def _try(self, batch: Batch) -> list[Batch]:
        """Deliver a batch once; what has to be delivered again."""
        identifiers = [sequence_number(record) for record in batch.records]
        try:
            failed = call(self._function, batch.records, identifiers)
        except CompleteFailure:
            return self._halves(batch) if self._settings.bisect else self._again(batch)
        if not failed:
            return []
        # The lowest number is the checkpoint: what is before it is done, it and what follows comes again.
        checkpoint = identifiers.index(min(failed, key=int))
        rest = batch._replace(records=batch.records[checkpoint:])
        if not self._settings.bisect:
            return self._again(rest)
        if checkpoint > 0:
            return self._split(batch, rest.records)
        return self._halves(batch) if self._settings.halves_at_first else self._again(batch)

    def _halves(self, batch: Batch) -> list[Batch]:
        middle = len(batch.records) // 2
        if middle == 0:
            return self._again(batch)
        return self._split(batch, batch.records[:middle], batch.records[middle:])

    def _split(self, batch: Batch, *parts: Sequence[Record]) -> list[Batch]:
        """Parts of a batch: to split is not to retry."""
        self._clock.pass_ms(self._settings.retry_seconds * 1000)
        return [Batch(part, 0 if self._settings.split_renews_retries else batch.retries) for part in parts]

    def _again(self, batch: Batch) -> list[Batch]:
        """The same batch once more, or never again."""
        if batch.retries == self._settings.max_retries:
            self._discard("RetryAttemptsExhausted", batch)
            return []
        self._clock.pass_ms(self._settings.retry_seconds * 1000)
        return [batch._replace(retries=batch.retries + 1)]

    def _discard(self, condition: str, batch: Batch) -> None:
        ends = (sequence_number(batch.records[end]) for end in (0, -1))
        self.discarded.append(Discarded(condition, *ends, len(batch.records)))


def sequence_number(record: Record) -> str:
    """A stream record's place in the stream."""
    return str(record["dynamodb"]["SequenceNumber"])


class QueuePoller:
    """Delivers a queue's messages, with `ReportBatchItemFailures`: what is not done becomes visible again after a
    while, and goes to the dead-letter queue when it would be received more often than `max_receives`."""

    def __init__(self, function: Function, *, batch_size: int = 10, max_receives: int = 5) -> None:
        self._function = function
        self._batch_size = batch_size
        self._max_receives = max_receives
        self._visible: deque[Record] = deque()
        self._receives: dict[str, int] = {}
        self.dead_letters: list[Record] = []

    def send(self, *messages: Record) -> None:
        """Put messages into the queue."""
        self._visible.extend(messages)

    def drain(self) -> None:
        """Deliver until nothing is left in the queue."""
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
