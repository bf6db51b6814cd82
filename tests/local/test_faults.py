"""With faults everywhere, no order is lost, created twice, accepted twice or notified twice.

Simulated: processes of the API's functions that die at any moment, during a call or between calls; processes of the
queues' handlers that die during a call; queue handlers whose use case raises before or after its effect; poison
messages that no handler can process; batches that a queue delivers twice; stream records that are delivered again
after they have been handled; responses that do not reach the client; clients that retry unanswered requests; an
operator who redrives the dead-letter queues.

Not simulated: the death of the stream's handler (see `Killer`), a stream that restarts from the first failed record,
failures of the services themselves, network loss or delay, and clock skew.

`SOAK_ORDERS` sets the number of orders, and `SOAK_SEED` what happens to them (the exact timing depends on the machine).
"""

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx
import pytest

from lambdas.orders.models import Status
from tests.lambdas.builders import failures
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, Subscriber, depth, eventually, running_cafe
from tests.local.faults.faulty_batch import DIES, POISON_ID, POISON_ITEM
from tests.local.faults.replaced import replaced
from tests.local.faults.workers import kill, workers

pytestmark = pytest.mark.long

ORDERS = int(os.environ.get("SOAK_ORDERS", "100"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
CLIENTS = 16

POISON_SHARE = 0.08
FAULT_SHARE = 0.1
VISIBILITY_SECONDS = 5
"""A message that takes longer is delivered again, which uses up one of its five receives."""

SECONDS_BETWEEN_KILLS = 0.4
SECONDS_BETWEEN_REPLAYS = 0.5
REPLAYED_AT_ONCE = 5

MAX_SENDS = 30
"""Maximum attempts of a client to send an order."""

SETTLED_SECONDS = 2 * TIMEOUT_SECONDS + ORDERS / 5


class Planned(NamedTuple):
    """An order to place: through the intake queue, or directly with a client-chosen id."""

    is_queued: bool
    is_poison: bool
    is_answer_lost: bool
    """Whether the first response does not reach the client, which then sends the order again."""
    body: dict

    @property
    def path(self):
        return "orders/queued" if self.is_queued else "orders"


class Placed(NamedTuple):
    """The ids of the orders that the café has confirmed."""

    good: set[str]
    kitchen_poison: set[str]
    intake_poison: set[str]
    unanswered: int
    """The number of retried intake queue requests: each may have created an order whose id no client knows."""

    @property
    def all(self):
        return self.good | self.kitchen_poison | self.intake_poison


def plan():
    """The orders to place: half each way, poison first, as it takes the longest."""
    poison = round(ORDERS * POISON_SHARE)
    planned = []
    for n in range(ORDERS):
        is_queued, is_poison = n % 2 == 1, n < poison
        item = {"name": POISON_ITEM if is_queued and is_poison else "Espresso", "qty": 1 + n % 9}
        id_ = {} if is_queued else {"id": f"{POISON_ID if is_poison else 'good-'}{n}"}
        # A retried queued order is indistinguishable from a second order: no response to those is lost on purpose.
        is_answer_lost = n % 10 == 4 and not is_queued
        planned.append(Planned(is_queued, is_poison, is_answer_lost, {**id_, "items": [item]}))
    return planned


class Clients:
    """The clients. They retry requests that get no response, a server error or a 429."""

    def __init__(self, cafe, headers):
        self._cafe = cafe
        self._headers = headers
        self.sent_again = Counter()

    def place(self, planned):
        """Place an order and return its id once the café confirms it."""
        for sent in range(MAX_SENDS):
            answer = self._send(planned)
            if answer is not None and not (planned.is_answer_lost and sent == 0):
                break
            self.sent_again[planned.path] += 1
            # Exponential backoff with jitter: a recovering service must not be overloaded.
            time.sleep(random.uniform(0, min(2, 0.1 * 2**sent)))  # noqa: S311
        else:
            raise AssertionError(f"{planned} failed {MAX_SENDS} times")
        if planned.is_queued:
            assert answer.status_code == 202, answer.text
            return answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["id"]

    def _send(self, planned):
        """The response, or None if the client has to retry."""
        try:
            answer = self._cafe.api.post(planned.path, json=planned.body, headers=self._headers)
        except httpx.TransportError:
            return None
        return answer if answer.status_code < 500 and answer.status_code != 429 else None


class Background:
    """Repeats work in its own thread while the block lasts. Raises the work's failure when the block ends."""

    def __init__(self, work, seconds):
        self._work = work
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self):
        self._running = self._thread.submit(self._run)

    def _run(self):
        while not self._stop.wait(self._seconds()):
            self._work()

    def __exit__(self, *_):
        self._stop.set()
        self._thread.shutdown()
        self._running.result()


class Killer:
    """Kills processes of the API's functions, one function after the other.

    The queue handlers' processes die by themselves (`faulty_batch`), rarely enough that no good message moves to the
    dead-letter queue. The stream's handler is spared: one that dies between publishing a notification and recording it
    publishes it again. `Notifications` leaves this one window open, and the counts here would then depend on luck.
    """

    def __init__(self, cafe, chance):
        self._cafe = cafe
        self._chance = chance
        self._next = []
        self.killed = Counter()

    def __call__(self):
        spared = {self._cafe.outputs[output] for output in ("dynamoLambda", "sqsLambda", "queuedOrderLambda")}
        running = {name: pids for name, pids in workers(self._cafe.port).items() if name not in spared}
        self._next = [function for function in self._next if function in running]
        if not self._next:
            self._next = sorted(running)
            self._chance.shuffle(self._next)
        if not self._next:
            return
        function = self._next.pop()
        self.killed[function] += kill(self._chance.choice(running[function]))


class Stream:
    """The orders table's stream: reads all records and redelivers some."""

    def __init__(self, cafe, subscriber, chance):
        self._api = cafe.aws.client("dynamodbstreams")
        self._functions = cafe.aws.client("lambda")
        self._handler = cafe.outputs["dynamoLambda"]
        self._arn = self._api.list_streams(TableName=cafe.outputs["ordersTableName"])["Streams"][0]["StreamArn"]
        [shard] = self._api.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        self._next = self._api.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self._records = []
        self._subscriber = subscriber
        self._chance = chance
        self.replayed = 0

    def records(self):
        """All records, oldest first."""
        while page := (answer := self._api.get_records(ShardIterator=self._next))["Records"]:
            self._records += [{**record, "eventSourceARN": self._arn} for record in page]
            self._next = answer["NextShardIterator"]
        return self._records

    def replay(self):
        """Deliver some handled records again."""
        notified = self._subscriber.counts()
        # A customer notified of the last change was notified of all earlier ones. Records are handled in order, so the
        # first delivery is done with all records before the last one notified. That last one may not be recorded yet,
        # and a slow recording could cause a second notification (see `FixedRemainingTime`).
        records = self.records()
        last = max(
            (n for n, record in enumerate(records) if (order_id(record), moves(record)[1]) in notified), default=0
        )
        handled = [record for record in records[:last] if (order_id(record), "accepted") in notified]
        again = self._chance.sample(handled, min(len(handled), REPLAYED_AT_ONCE))
        if not again:
            return
        event = json.dumps({"Records": again}, default=lambda time: int(time.timestamp())).encode()

        def is_handled():
            answer = self._functions.invoke(FunctionName=self._handler, Payload=event)
            return json.loads(answer["Payload"].read()) == failures()

        eventually(is_handled)
        self.replayed += len(again)


def order_id(record):
    """The order id of a stream record."""
    return record["dynamodb"]["Keys"]["id"]["S"]


def moves(record):
    """The old and the new status in a stream record."""
    images = record["dynamodb"]
    return tuple(images[name]["status"]["S"] if name in images else None for name in ("OldImage", "NewImage"))


def messages_in(cafe, output):
    """The messages of a queue, which stay in it."""
    sqs, url = cafe.aws.client("sqs"), cafe.outputs[output]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
        found += messages
    for message in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return found


def statuses(cafe):
    """The statuses of all orders in the table, by id."""
    pages = cafe.aws.client("dynamodb").get_paginator("scan").paginate(TableName=cafe.outputs["ordersTableName"])
    return {item["id"]["S"]: item["status"]["S"] for page in pages for item in page["Items"]}


def ids_with_status(cafe, status):
    return {id_ for id_, has in statuses(cafe).items() if has == status}


def wait_until_notified(cafe, headers, subscriber, id_):
    """Wait until the stream is handled up to here: it is handled in order, and a last order marks the end."""
    assert cafe.api.post("orders", json={"name": "Espresso", "quantity": 1, "id": id_}, headers=headers).is_success
    eventually(lambda: (id_, "accepted") in subscriber.counts(), SETTLED_SECONDS)


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A separate café. Each concurrent batch starts a process, so a low concurrency suits two cores."""
    with running_cafe(tmp_path_factory.mktemp("faults"), "queueConcurrency=3", "menuOnly=false") as cafe:
        sqs = cafe.aws.client("sqs")
        for output in ("ordersQueueUrl", "intakeQueueUrl"):
            attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS)}
            sqs.set_queue_attributes(QueueUrl=cafe.outputs[output], Attributes=attributes)
        yield cafe


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture(scope="module")
def seeded(cafe):
    """The seeded orders, once the kitchen has accepted them."""
    eventually(lambda: len(ids_with_status(cafe, "accepted")) == 3)
    return set(statuses(cafe))


@pytest.fixture(scope="module")
def subscriber(cafe, seeded):
    return Subscriber(cafe, "faults")


@pytest.fixture(scope="module")
def stream(cafe, subscriber):
    return Stream(cafe, subscriber, random.Random(SEED))  # noqa: S311


@pytest.fixture(scope="module")
def placed(cafe, ann, seeded, subscriber, stream):
    """The orders that were placed during the faults, once all are settled."""
    print(f"SOAK_ORDERS={ORDERS} SOAK_SEED={SEED}")
    began = time.monotonic()
    clients, killer = Clients(cafe, ann), Killer(cafe, random.Random(SEED))  # noqa: S311
    handlers = [cafe.outputs[output] for output in ("sqsLambda", "queuedOrderLambda")]
    intervals = random.Random(SEED)  # noqa: S311
    with replaced(cafe, "faulty_batch", handlers, FAULT_SHARE=str(FAULT_SHARE), FAULT_SEED=str(SEED)):
        with (
            Background(killer, lambda: intervals.expovariate(1 / SECONDS_BETWEEN_KILLS)),
            Background(stream.replay, lambda: SECONDS_BETWEEN_REPLAYS),
            ThreadPoolExecutor(CLIENTS) as pool,
        ):
            orders = list(zip(plan(), pool.map(clients.place, plan()), strict=True))
            placed = Placed(
                good={id_ for order, id_ in orders if not order.is_poison},
                kitchen_poison={id_ for order, id_ in orders if order.is_poison and not order.is_queued},
                intake_poison={id_ for order, id_ in orders if order.is_poison and order.is_queued},
                unanswered=clients.sent_again["orders/queued"],
            )
            print(f"placed after {time.monotonic() - began:.0f} s; sent again: {dict(clients.sent_again)}")
            wait_for(lambda: placed.good <= {id_ for id_, _ in subscriber.counts()})
        print(f"killed: {dict(killer.killed)}; replayed: {stream.replayed}")
        wait_for(lambda: depth(cafe, "ordersQueueUrl") == depth(cafe, "intakeQueueUrl") == 0)
        faults = {function: faults_of(cafe, function) for function in handlers}
        print(f"settled after {time.monotonic() - began:.0f} s; faults: {faults}")
    wait_until_notified(cafe, ann, subscriber, "after-the-faults")
    # Otherwise the tests prove nothing.
    assert killer.killed[cafe.outputs["createOrderLambda"]]
    assert sum(faults.values(), Counter()).keys() > {"Fault: poison", DIES}
    assert clients.sent_again["orders"]
    assert stream.replayed
    return placed


def wait_for(look):
    """Wait for a condition, at most `SETTLED_SECONDS`: on a timeout, the tests report what is missing."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while not look() and time.monotonic() < deadline:
        time.sleep(0.2)


def faults_of(cafe, function):
    """Counts of a function's log lines about failed records and dying processes, by fault."""
    group = cafe.aws.client("lambda").get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    pages = cafe.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = (event["message"] for page in pages for event in page["events"])
    # A dying process may leave an incomplete line.
    return Counter(found[0] for line in lines if (found := re.search(f'^{DIES}|Fault: [a-z ]+(?=",)', line)))


@pytest.fixture(scope="module")
def unknown(cafe, placed, seeded):
    """The orders that no client knows, as the response with their id was lost."""
    return statuses(cafe).keys() - placed.all - seeded - {"after-the-faults", "after-the-redrive"}


def test_every_confirmed_order_exists_once(cafe, placed, unknown):
    assert len(placed.all) == ORDERS
    now = statuses(cafe)
    assert {id_ for id_ in placed.good if now.get(id_) != "accepted"} == set()
    assert {id_ for id_ in placed.kitchen_poison if now.get(id_) != "created"} == set()
    assert placed.intake_poison & now.keys() == set()
    assert len(unknown) <= placed.unanswered


def test_every_order_is_written_once_and_accepted_once(placed, stream, unknown):
    written = defaultdict(list)
    for record in stream.records():
        written[order_id(record)].append(moves(record))
    made, accepted = (None, Status.CREATED), (Status.CREATED, Status.ACCEPTED)
    assert {id_: written[id_] for id_ in placed.good | unknown if written[id_] != [made, accepted]} == {}
    assert {id_: written[id_] for id_ in placed.kitchen_poison if written[id_] != [made]} == {}


def test_every_status_change_is_notified_once(placed, subscriber, seeded, unknown):
    # Some seeded orders were notified before the subscription.
    counted = {change: times for change, times in subscriber.counts().items() if change[0] not in seeded}
    assert counted == {(id_, "accepted"): 1 for id_ in placed.good | unknown | {"after-the-faults"}}


def test_only_poison_messages_reach_the_dead_letter_queues(cafe, placed):
    in_orders = [json.loads(message["Body"])["id"] for message in messages_in(cafe, "ordersDlqUrl")]
    in_intake = [message["MessageId"] for message in messages_in(cafe, "intakeDlqUrl")]
    assert sorted(in_orders) == sorted(placed.kitchen_poison)
    # A needless retry of a poison order is poison as well.
    assert placed.intake_poison <= set(in_intake)
    assert len(in_intake) <= len(placed.intake_poison) + placed.unanswered
    assert depth(cafe, "streamFailuresUrl") == 0


def test_after_the_fix_redriven_messages_are_processed(cafe, ann, placed, subscriber, stream):
    poison = placed.kitchen_poison | placed.intake_poison
    command = [sys.executable, "-m", "ops", "redrive", "--home", str(cafe.home)]
    redriven = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS + ORDERS)

    assert redriven.returncode == 0, redriven.stdout + redriven.stderr
    wait_for(lambda: poison <= {id_ for id_, _ in subscriber.counts()})
    wait_until_notified(cafe, ann, subscriber, "after-the-redrive")
    queues = ("ordersQueueUrl", "intakeQueueUrl", "ordersDlqUrl", "intakeDlqUrl", "streamFailuresUrl")
    wait_for(lambda: not any(depth(cafe, output) for output in queues))
    assert {output: depth(cafe, output) for output in queues} == dict.fromkeys(queues, 0)
    assert poison <= ids_with_status(cafe, "accepted")
    written = Counter(order_id(record) for record in stream.records())
    assert {id_: written[id_] for id_ in poison if written[id_] != 2} == {}
    counted = subscriber.counts()
    assert poison <= {id_ for id_, _ in counted}
    assert {change: times for change, times in counted.items() if times != 1} == {}
