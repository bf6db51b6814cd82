"""Rules for queues, topics, and the event sources of functions."""

from collections.abc import Iterator
from typing import Any

from policy.documents import document, permits
from policy.kinds import ALARM, EVENT_SOURCE, FUNCTION, KEY, QUEUE, ROLE, ROLE_POLICY, TABLE, TOPIC
from policy.rule import Example, Resource, Stack, example, rule, stack_rule
from policy.rules.grants import granted

FOURTEEN_DAYS = 14 * 24 * 3600
"""The maximum retention period of SQS, in seconds (SQS quotas)."""

POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
"""Actions that an event source needs in the function's role (Lambda developer guide, execution role)."""

DEFAULT_VISIBILITY, DEFAULT_TIMEOUT = 30, 3
"""Defaults of a queue and a function, in seconds (SQS and Lambda API references)."""

LETTERS = example(QUEUE, "letters", messageRetentionSeconds=FOURTEEN_DAYS)
BARE = example(QUEUE, "bare")
DURABLE = example(QUEUE, "durable", redrivePolicy=LETTERS, visibilityTimeoutSeconds=60)
ORDERS = example(TABLE, "orders")
READER = example(ROLE, "reader")
POLICY = example(
    ROLE_POLICY,
    role=READER,
    policy=document(
        {"Effect": "Allow", "Action": list(POLLING), "Resource": "arn:durable"},
        {"Effect": "Allow", "Action": list(READING), "Resource": "arn:orders"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:letters"},
    ),
)
HANDLER = example(FUNCTION, "handler", role=READER, timeout=10)
SLOW = example(FUNCTION, "slow", role=READER, timeout=30)
PARTIAL = ["ReportBatchItemFailures"]


def _from_queue(queue: Resource = DURABLE, function: Resource = HANDLER, **props: Any) -> Example:
    source = example(EVENT_SOURCE, eventSourceArn=queue, functionName=function, **props)
    return [source, queue, function, READER, POLICY, LETTERS]


def _from_stream(**props: Any) -> Example:
    finite = {"startingPosition": "TRIM_HORIZON", "maximumRetryAttempts": 5, "maximumRecordAgeInSeconds": 3600}
    given = {"destinationConfig": {"onFailure": {"destinationArn": LETTERS}}, **finite, **props}
    source = example(EVENT_SOURCE, eventSourceArn=ORDERS, functionName=HANDLER, **given)
    return [source, ORDERS, HANDLER, READER, POLICY, LETTERS]


@rule(
    "messages-are-encrypted",
    "Messages hold customers' orders, and are stored on disk until they are received.",
    on=[QUEUE, TOPIC],
    violating=[[example(QUEUE)], [example(TOPIC)]],
    compliant=[[example(QUEUE, sqsManagedSseEnabled=True)], [example(TOPIC, kmsMasterKeyId="alias/aws/sns")]],
)
def messages_are_encrypted(resource: Resource) -> Iterator[str]:
    """Every queue and topic is encrypted."""
    if not resource.get("sqsManagedSseEnabled") and not resource.get("kmsMasterKeyId"):
        keys = "`sqsManagedSseEnabled` or `kmsMasterKeyId`" if resource.type == QUEUE else "`kmsMasterKeyId`"
        yield f"stores messages unencrypted: set {keys}"


@rule(
    "kms-keys-are-rotated",
    "If a key that is never rotated leaks, all data that it ever encrypted is exposed.",
    on=[KEY],
    violating=[[example(KEY)]],
    compliant=[[example(KEY, enableKeyRotation=True)], [example(KEY, keyUsage="SIGN_VERIFY")]],
)
def kms_keys_are_rotated(key: Resource) -> Iterator[str]:
    """Every customer managed key is rotated, except key pairs, which KMS cannot rotate."""
    if not key.get("enableKeyRotation") and key.get("keyUsage") != "SIGN_VERIFY":
        yield "is never rotated: set `enableKeyRotation`"


@stack_rule(
    "event-sources-have-a-dead-letter-queue",
    "A message that cannot be processed is retried until it expires, delays others, and is then lost.",
    on=[EVENT_SOURCE],
    violating=[_from_queue(BARE), _from_stream(destinationConfig={})],
    compliant=[_from_queue(), _from_stream()],
)
def event_sources_have_a_dead_letter_queue(source: Resource, stack: Stack) -> Iterator[str]:
    """Every event source can move failures to another queue."""
    queues = stack.sources(source, "eventSourceArn", QUEUE)
    for queue in queues:
        if not stack.sources(queue, "redrivePolicy", QUEUE):
            yield f"reads {queue.name}, which has no dead-letter queue: set its `redrivePolicy`, as `DurableQueue` does"
    if not queues and not stack.sources(source, "destinationConfig", QUEUE):
        yield "discards failed records: set `destinationConfig` to a queue"


def _sources_of(letters: Resource, stack: Stack) -> list[Resource]:
    """Return the queues and event sources that use this queue as a dead-letter queue."""
    return [*stack.users(letters, QUEUE, "redrivePolicy"), *stack.users(letters, EVENT_SOURCE, "destinationConfig")]


@stack_rule(
    "dead-letter-queues-are-not-shared",
    "In a shared dead-letter queue, a message's source queue is unknown, so it cannot be moved back.",
    on=[QUEUE],
    violating=[
        [LETTERS, DURABLE, example(QUEUE, "another", redrivePolicy=LETTERS)],
        [LETTERS, DURABLE, *_from_stream()],
    ],
    compliant=[[LETTERS, DURABLE]],
)
def dead_letter_queues_are_not_shared(letters: Resource, stack: Stack) -> Iterator[str]:
    """A dead-letter queue takes failures of one queue or one stream event source."""
    if len(sources := _sources_of(letters, stack)) > 1:
        yield f"takes failures of {', '.join(each.name for each in sources)}: give each its own dead-letter queue"


@stack_rule(
    "dead-letter-queues-have-maximum-retention",
    "Operators need time to see and redrive messages, e.g. over a weekend.",
    on=[QUEUE],
    violating=[[BARE, example(QUEUE, "working", redrivePolicy=BARE)]],
    compliant=[[LETTERS, DURABLE], [BARE]],
)
def dead_letter_queues_have_maximum_retention(letters: Resource, stack: Stack) -> Iterator[str]:
    """A dead-letter queue has the maximum retention period of SQS."""
    if _sources_of(letters, stack) and letters.get("messageRetentionSeconds") != FOURTEEN_DAYS:
        yield f"deletes failures too soon: set `messageRetentionSeconds` to {FOURTEEN_DAYS} (14 days)"


@stack_rule(
    "dead-letter-queues-have-an-alarm",
    "A dead-letter queue without an alarm loses messages too, only later.",
    on=[QUEUE],
    violating=[[LETTERS, DURABLE], [LETTERS, DURABLE, example(ALARM, metricName="Age", dimensions=LETTERS)]],
    compliant=[
        [LETTERS, DURABLE, example(ALARM, metricName="ApproximateNumberOfMessagesVisible", dimensions=LETTERS)],
        [BARE],
    ],
)
def dead_letter_queues_have_an_alarm(letters: Resource, stack: Stack) -> Iterator[str]:
    """A dead-letter queue has an alarm on its number of messages."""
    metrics = {alarm.get("metricName") for alarm in stack.users(letters, ALARM, "dimensions")}
    if _sources_of(letters, stack) and "ApproximateNumberOfMessagesVisible" not in metrics:
        yield "has no alarm: pass the queue to `Monitoring`, or add an alarm on its visible messages"


@stack_rule(
    "visibility-timeouts-are-long-enough",
    "A message that reappears during processing is processed twice, and can reach the dead-letter queue although it "
    "did not fail.",
    on=[EVENT_SOURCE],
    violating=[_from_queue(function=SLOW), _from_queue(BARE)],
    compliant=[_from_queue()],
)
def visibility_timeouts_are_long_enough(source: Resource, stack: Stack) -> Iterator[str]:
    """A queue's visibility timeout is at least six times its function's timeout (Lambda developer guide, SQS)."""
    for queue in stack.sources(source, "eventSourceArn", QUEUE):
        for function in stack.sources(source, "functionName", FUNCTION):
            hidden = queue.get("visibilityTimeoutSeconds", DEFAULT_VISIBILITY)
            timeout = function.get("timeout", DEFAULT_TIMEOUT)
            if hidden < 6 * timeout:
                yield (
                    f"reads {queue.name}, whose visibility timeout is {hidden:g} s, while {function.name} can run for "
                    f"{timeout:g} s: set `visibilityTimeoutSeconds` to {6 * timeout:g} or more"
                )


@rule(
    "batches-report-item-failures",
    "If one message fails a whole batch, the others are retried and reach the dead-letter queue with it.",
    on=[EVENT_SOURCE],
    violating=[_from_queue()[:1]],
    compliant=[_from_queue(functionResponseTypes=PARTIAL)[:1]],
)
def batches_report_item_failures(source: Resource) -> Iterator[str]:
    """Every event source accepts partial batch failures."""
    if list(source.get("functionResponseTypes", [])) != PARTIAL:
        yield f"fails whole batches: set `functionResponseTypes` to {PARTIAL}"


@rule(
    "stream-retries-are-limited",
    "By default, a failed stream record is retried until it expires, and blocks all records behind it.",
    on=[EVENT_SOURCE],
    violating=[_from_stream(maximumRetryAttempts=-1)[:1], _from_stream(maximumRecordAgeInSeconds=None)[:1]],
    compliant=[_from_stream()[:1], _from_queue()[:1]],
)
def stream_retries_are_limited(source: Resource) -> Iterator[str]:
    """Every stream event source limits its retries and the age of a record."""
    if source.get("startingPosition"):
        for limit in ("maximumRetryAttempts", "maximumRecordAgeInSeconds"):
            # -1, the default, means "as long as the stream keeps the record".
            if source.get(limit, -1) <= 0:
                yield f"retries a failed record until it expires: set `{limit}`"


@stack_rule(
    "functions-can-read-their-event-sources",
    "Lambda polls with the function's role and rejects a source that it cannot read; the emulator does not check.",
    on=[EVENT_SOURCE],
    violating=[_from_queue(BARE), _from_queue()[:3], [*_from_stream()[:4], LETTERS]],
    compliant=[_from_queue(), _from_stream()],
)
def functions_can_read_their_event_sources(source: Resource, stack: Stack) -> Iterator[str]:
    """A function's role can read the function's event source, and send to its failure queue."""
    needed = [(action, source["eventSourceArn"]) for action in READING]
    if stack.sources(source, "eventSourceArn", QUEUE):
        needed = [(action, source["eventSourceArn"]) for action in POLLING]
    elif stack.sources(source, "destinationConfig", QUEUE):
        needed.append(("sqs:SendMessage", source["destinationConfig"]["onFailure"]["destinationArn"]))
    for function in stack.sources(source, "functionName", FUNCTION):
        may = granted(function, "role", stack)
        if missing := [f"{action} on {arn}" for action, arn in needed if not permits(may, action, arn)]:
            yield f"cannot be read by {function.name}: grant its role {', '.join(missing)}"
