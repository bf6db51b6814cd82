"""What is on its way: queues, topics, and what hands their messages to functions."""

from collections.abc import Iterator
from typing import Any

from policy.documents import document, permits
from policy.kinds import ALARM, EVENT_SOURCE, FUNCTION, KEY, QUEUE, ROLE, ROLE_POLICY, TABLE, TOPIC
from policy.rule import Example, Resource, Stack, example, rule, stack_rule
from policy.rules.grants import granted

FOURTEEN_DAYS = 14 * 24 * 3600
"""The longest that SQS keeps a message (SQS quotas)."""

POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
"""What Lambda needs the function's role to have for an event source (Lambda developer guide, execution role)."""

DEFAULT_VISIBILITY, DEFAULT_TIMEOUT = 30, 3
"""In seconds, where nothing is set: of a queue, of a function (SQS and Lambda API references)."""

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
    "Messages hold who ordered what, and wait on disks until somebody takes them.",
    on=[QUEUE, TOPIC],
    refused=[[example(QUEUE)], [example(TOPIC)]],
    accepted=[[example(QUEUE, sqsManagedSseEnabled=True)], [example(TOPIC, kmsMasterKeyId="alias/aws/sns")]],
)
def messages_are_encrypted(resource: Resource) -> Iterator[str]:
    """Every queue and every topic is encrypted."""
    if not resource.get("sqsManagedSseEnabled") and not resource.get("kmsMasterKeyId"):
        keys = "`sqsManagedSseEnabled` or `kmsMasterKeyId`" if resource.type == QUEUE else "`kmsMasterKeyId`"
        yield f"keeps messages in the clear: set {keys}"


@rule(
    "keys-change-every-year",
    "A key that never changes opens, once it is lost, all that it ever closed.",
    on=[KEY],
    refused=[[example(KEY)]],
    accepted=[[example(KEY, enableKeyRotation=True)]],
)
def keys_change_every_year(key: Resource) -> Iterator[str]:
    """Every key of ours is rotated."""
    if not key.get("enableKeyRotation"):
        yield "stays the same forever: set `enableKeyRotation`"


@stack_rule(
    "failures-have-a-queue",
    "A message that cannot be handled is tried until it is too old, holds up others, and is then lost.",
    on=[EVENT_SOURCE],
    refused=[_from_queue(BARE), _from_stream(destinationConfig={})],
    accepted=[_from_queue(), _from_stream()],
)
def failures_have_a_queue(source: Resource, stack: Stack) -> Iterator[str]:
    """Whatever hands something to a function can set it aside in another queue."""
    queues = stack.behind(source, "eventSourceArn", QUEUE)
    for queue in queues:
        if not stack.behind(queue, "redrivePolicy", QUEUE):
            yield f"reads {queue.name}, which gives nothing up: set its `redrivePolicy`, as `DurableQueue` does"
    if not queues and not stack.behind(source, "destinationConfig", QUEUE):
        yield "gives records up for good: set `destinationConfig` to a queue"


def _working(letters: Resource, stack: Stack) -> list[Resource]:
    """What sets messages aside in a queue."""
    return [*stack.using(letters, QUEUE, "redrivePolicy"), *stack.using(letters, EVENT_SOURCE, "destinationConfig")]


@stack_rule(
    "failures-stay-apart",
    "From a dead-letter queue that two share nobody can tell where a message has to go back to.",
    on=[QUEUE],
    refused=[[LETTERS, DURABLE, example(QUEUE, "another", redrivePolicy=LETTERS)], [LETTERS, DURABLE, *_from_stream()]],
    accepted=[[LETTERS, DURABLE]],
)
def failures_stay_apart(letters: Resource, stack: Stack) -> Iterator[str]:
    """A queue takes what one other queue, or one stream's reader, gave up."""
    if len(working := _working(letters, stack)) > 1:
        yield f"takes failures of {', '.join(each.name for each in working)}: give each a queue of its own"


@stack_rule(
    "failures-are-kept",
    "What was set aside on a Friday before a holiday should be there when somebody looks.",
    on=[QUEUE],
    refused=[[BARE, example(QUEUE, "working", redrivePolicy=BARE)]],
    accepted=[[LETTERS, DURABLE], [BARE]],
)
def failures_are_kept(letters: Resource, stack: Stack) -> Iterator[str]:
    """A queue of failures keeps them as long as SQS keeps anything."""
    if _working(letters, stack) and letters.get("messageRetentionSeconds") != FOURTEEN_DAYS:
        yield f"forgets failures too soon: set `messageRetentionSeconds` to {FOURTEEN_DAYS}, 14 days"


@stack_rule(
    "failures-raise-an-alarm",
    "A dead-letter queue that nobody looks into is a slower way to lose messages.",
    on=[QUEUE],
    refused=[[LETTERS, DURABLE], [LETTERS, DURABLE, example(ALARM, metricName="Age", dimensions=LETTERS)]],
    accepted=[
        [LETTERS, DURABLE, example(ALARM, metricName="ApproximateNumberOfMessagesVisible", dimensions=LETTERS)],
        [BARE],
    ],
)
def failures_raise_an_alarm(letters: Resource, stack: Stack) -> Iterator[str]:
    """A queue of failures has an alarm on the number of its messages."""
    metrics = {alarm.get("metricName") for alarm in stack.using(letters, ALARM, "dimensions")}
    if _working(letters, stack) and "ApproximateNumberOfMessagesVisible" not in metrics:
        yield "fills up unseen: hand the queue to `Monitoring`, or give it an alarm on its visible messages"


@stack_rule(
    "messages-stay-hidden-long-enough",
    "A message that shows up again while it is still handled is handled twice, and soon set aside although it is good.",
    on=[EVENT_SOURCE],
    refused=[_from_queue(function=SLOW), _from_queue(BARE)],
    accepted=[_from_queue()],
)
def messages_stay_hidden_long_enough(source: Resource, stack: Stack) -> Iterator[str]:
    """A queue hides a message six times as long as its function may take (Lambda developer guide, SQS)."""
    for queue in stack.behind(source, "eventSourceArn", QUEUE):
        for function in stack.behind(source, "functionName", FUNCTION):
            hidden = queue.get("visibilityTimeoutSeconds", DEFAULT_VISIBILITY)
            timeout = function.get("timeout", DEFAULT_TIMEOUT)
            if hidden < 6 * timeout:
                yield (
                    f"reads {queue.name}, which hides messages for {hidden:g} s, while {function.name} may take "
                    f"{timeout:g} s: set `visibilityTimeoutSeconds` to {6 * timeout:g} or more"
                )


@rule(
    "failures-are-told-one-by-one",
    "Where a whole batch fails with one message the good ones are handled again, and set aside with the bad one.",
    on=[EVENT_SOURCE],
    refused=[_from_queue()[:1]],
    accepted=[_from_queue(functionResponseTypes=PARTIAL)[:1]],
)
def failures_are_told_one_by_one(source: Resource) -> Iterator[str]:
    """Whatever hands batches to a function takes partial failures."""
    if list(source.get("functionResponseTypes", [])) != PARTIAL:
        yield f"fails whole batches: set `functionResponseTypes` to {PARTIAL}"


@rule(
    "streams-give-up",
    "A stream's record that fails is tried for as long as it is kept, and all behind it wait.",
    on=[EVENT_SOURCE],
    refused=[_from_stream(maximumRetryAttempts=-1)[:1], _from_stream(maximumRecordAgeInSeconds=None)[:1]],
    accepted=[_from_stream()[:1], _from_queue()[:1]],
)
def streams_give_up(source: Resource) -> Iterator[str]:
    """Whatever reads a stream has a last attempt and an age at which a record is set aside."""
    if source.get("startingPosition"):
        for limit in ("maximumRetryAttempts", "maximumRecordAgeInSeconds"):
            # -1 stands for "as long as the stream keeps it", and so does nothing.
            if source.get(limit, -1) <= 0:
                yield f"never gives a record up: set `{limit}`"


@stack_rule(
    "sources-may-be-read",
    "Lambda polls with the function's own role and refuses a source that it may not read; the emulator never asks.",
    on=[EVENT_SOURCE],
    refused=[_from_queue(BARE), _from_queue()[:3], [*_from_stream()[:4], LETTERS]],
    accepted=[_from_queue(), _from_stream()],
)
def sources_may_be_read(source: Resource, stack: Stack) -> Iterator[str]:
    """A function's role may read what feeds the function, and send to where its failures go."""
    needed = [(action, source["eventSourceArn"]) for action in READING]
    if stack.behind(source, "eventSourceArn", QUEUE):
        needed = [(action, source["eventSourceArn"]) for action in POLLING]
    elif stack.behind(source, "destinationConfig", QUEUE):
        needed.append(("sqs:SendMessage", source["destinationConfig"]["onFailure"]["destinationArn"]))
    for function in stack.behind(source, "functionName", FUNCTION):
        may = granted(function, "role", stack)
        if missing := [f"{action} on {arn}" for action, arn in needed if not permits(may, action, arn)]:
            yield f"is not for {function.name} to read: grant its role {', '.join(missing)}"
