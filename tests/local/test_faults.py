"""Everything fails now and then, and no order is lost, made twice, accepted twice or told of twice.

What is simulated: processes of the API's functions that die at any moment, in a call or between two; processes of the
queues' handlers that die in the middle of a call; queue handlers whose use case raises before or after its effect;
messages of which no handler ever makes anything; batches that a queue delivers twice; stream records that come again
after they have been handled; answers that do not reach the client; clients that send again what was not answered; an
operator who sends back what was set aside.

What is not: the death of the stream's handler (see `Killer`), a stream that starts again from the first record that
failed, failures of the services themselves, a network that loses or delays, and clocks that disagree.

`SOAK_ORDERS` says how many orders, and `SOAK_SEED` what happens to them (when exactly, the machine decides).
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
from tests.local.conftest import PATIENCE, ROOT, Told, depth, eventually, running_cafe
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
"""What takes longer is delivered again in between, which uses up one of five receives."""

SECONDS_BETWEEN_KILLS = 0.4
SECONDS_BETWEEN_REPLAYS = 0.5
REPLAYED_AT_ONCE = 5

MAX_SENDS = 30
"""How often a client sends an order before it gives up."""

SETTLED_SECONDS = 2 * PATIENCE + ORDERS / 5


class Planned(NamedTuple):
    """An order that somebody will place: into the intake queue, or under an id of their own."""

    is_queued: bool
    is_poison: bool
    is_answer_lost: bool
    """Whether the first answer does not reach the client, who sends the order again."""
    body: dict

    @property
    def path(self):
        return "orders/queued" if self.is_queued else "orders"


class Placed(NamedTuple):
    """The orders that the café has said to have, by id."""

    good: set[str]
    kitchen_poison: set[str]
    intake_poison: set[str]
    unanswered: int
    """How many requests for the intake queue were sent again: each may have left an order of which nobody knows."""

    @property
    def all(self):
        return self.good | self.kitchen_poison | self.intake_poison


def plan():
    """What is ordered: one half each way, and the poison first, as it takes the longest."""
    poison = round(ORDERS * POISON_SHARE)
    planned = []
    for n in range(ORDERS):
        is_queued, is_poison = n % 2 == 1, n < poison
        item = {"name": POISON_ITEM if is_queued and is_poison else "Espresso", "qty": 1 + n % 9}
        id_ = {} if is_queued else {"id": f"{POISON_ID if is_poison else 'good-'}{n}"}
        # Nothing tells a queued order that is sent again from a second one: of those, no answer is lost on purpose.
        is_answer_lost = n % 10 == 4 and not is_queued
        planned.append(Planned(is_queued, is_poison, is_answer_lost, {**id_, "items": [item]}))
    return planned


class Clients:
    """Those who order. What was not answered, or answered with a failure of the café's own, they send again."""

    def __init__(self, cafe, headers):
        self._cafe = cafe
        self._headers = headers
        self.sent_again = Counter()

    def place(self, planned):
        """The order's id, when the café has said that it has the order."""
        for sent in range(MAX_SENDS):
            answer = self._send(planned)
            if answer is not None and not (planned.is_answer_lost and sent == 0):
                break
            self.sent_again[planned.path] += 1
            # Ever later, and not all at once: a service that comes back must not go under again.
            time.sleep(random.uniform(0, min(2, 0.1 * 2**sent)))  # noqa: S311
        else:
            raise AssertionError(f"{planned} was sent {MAX_SENDS} times, without success")
        if planned.is_queued:
            assert answer.status_code == 202, answer.text
            return answer.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]
        assert answer.status_code in (200, 201), answer.text
        return answer.json()["id"]

    def _send(self, planned):
        """The answer, if there is one that the client can do something with."""
        try:
            answer = self._cafe.api.post(planned.path, json=planned.body, headers=self._headers)
        except httpx.TransportError:
            return None
        return answer if answer.status_code < 500 and answer.status_code != 429 else None


class Background:
    """Something that happens again and again while the block lasts, in a thread of its own. A failure is raised when
    the block ends."""

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
    """Kills the processes of the API's functions, one function after the other.

    Those of the queues' handlers die by themselves (`faulty_batch`), and only so often that no good message is set
    aside. The stream's handler is spared: one that dies between publishing and taking note of it publishes again, which
    is the one window that `Notifications` leaves, and what this counts would then depend on luck.
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
    """The orders table's stream: all that was ever written, and another delivery of it."""

    def __init__(self, cafe, told, chance):
        self._api = cafe.aws.client("dynamodbstreams")
        self._functions = cafe.aws.client("lambda")
        self._handler = cafe.outputs["dynamoLambda"]
        self._arn = self._api.list_streams(TableName=cafe.outputs["ordersTableName"])["Streams"][0]["StreamArn"]
        [shard] = self._api.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        self._next = self._api.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self._records = []
        self._told = told
        self._chance = chance
        self.replayed = 0

    def records(self):
        """Everything, from the first."""
        while page := (answer := self._api.get_records(ShardIterator=self._next))["Records"]:
            self._records += [{**record, "eventSourceARN": self._arn} for record in page]
            self._next = answer["NextShardIterator"]
        return self._records

    def replay(self):
        """Deliver again some of what has been handled."""
        told = self._told.counted()
        # A customer who was told of the last change was told of all that came before. And as records are handled in
        # their order, the first delivery is done with all before the last of which anybody was told: it may be about to
        # note what it has sent, and what it takes long to note could be sent twice (see `AttemptSeconds`).
        records = self.records()
        last = max((n for n, record in enumerate(records) if (order_id(record), moves(record)[1]) in told), default=0)
        handled = [record for record in records[:last] if (order_id(record), "accepted") in told]
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
    """The order that a stream record is about."""
    return record["dynamodb"]["Keys"]["id"]["S"]


def moves(record):
    """The statuses between which an order moved by a record."""
    images = record["dynamodb"]
    return tuple(images[name]["status"]["S"] if name in images else None for name in ("OldImage", "NewImage"))


def messages_in(cafe, output):
    """What is in a queue, of which everything stays there."""
    sqs, url = cafe.aws.client("sqs"), cafe.outputs[output]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
        found += messages
    for message in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return found


def statuses(cafe):
    """All orders' statuses, by id, as the table has them."""
    pages = cafe.aws.client("dynamodb").get_paginator("scan").paginate(TableName=cafe.outputs["ordersTableName"])
    return {item["id"]["S"]: item["status"]["S"] for page in pages for item in page["Items"]}


def with_status(cafe, status):
    return {id_ for id_, has in statuses(cafe).items() if has == status}


def wait_until_told(cafe, headers, told, id_):
    """Wait until the stream has been handled up to here: it is handled in its order, and a last order ends it."""
    assert cafe.api.post("orders", json={"name": "Espresso", "quantity": 1, "id": id_}, headers=headers).is_success
    eventually(lambda: (id_, "accepted") in told.counted(), SETTLED_SECONDS)


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A café of its own. Two cores start a process for each batch that is handled at once: a few are enough."""
    with running_cafe(tmp_path_factory.mktemp("faults"), "queueConcurrency=3") as cafe:
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
    """The orders that were there from the start, when the kitchen has accepted them."""
    eventually(lambda: len(with_status(cafe, "accepted")) == 3)
    return set(statuses(cafe))


@pytest.fixture(scope="module")
def told(cafe, seeded):
    return Told(cafe, "faults")


@pytest.fixture(scope="module")
def stream(cafe, told):
    return Stream(cafe, told, random.Random(SEED))  # noqa: S311


@pytest.fixture(scope="module")
def placed(cafe, ann, seeded, told, stream):
    """The orders that were placed while everything failed now and then, when nothing is left to do about them."""
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
            wait_for(lambda: placed.good <= {id_ for id_, _ in told.counted()})
        print(f"killed: {dict(killer.killed)}; replayed: {stream.replayed}")
        wait_for(lambda: depth(cafe, "ordersQueueUrl") == depth(cafe, "intakeQueueUrl") == 0)
        faults = {function: faults_of(cafe, function) for function in handlers}
        print(f"settled after {time.monotonic() - began:.0f} s; faults: {faults}")
    wait_until_told(cafe, ann, told, "after-the-faults")
    # Otherwise nothing is shown by what follows.
    assert killer.killed[cafe.outputs["createOrderLambda"]]
    assert sum(faults.values(), Counter()).keys() > {"Fault: poison", DIES}
    assert clients.sent_again["orders"]
    assert stream.replayed
    return placed


def wait_for(look):
    """Wait until something is as it should be, or for long enough: what is missing then, the tests say."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while not look() and time.monotonic() < deadline:
        time.sleep(0.2)


def faults_of(cafe, function):
    """How often a function said why a record failed, or that it dies."""
    group = cafe.aws.client("lambda").get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    pages = cafe.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = (event["message"] for page in pages for event in page["events"])
    # A line may end where its process has died.
    return Counter(found[0] for line in lines if (found := re.search(f'^{DIES}|Fault: [a-z ]+(?=",)', line)))


@pytest.fixture(scope="module")
def unknown(cafe, placed, seeded):
    """The orders of which no client knows, as the answer that would have named them was lost."""
    return statuses(cafe).keys() - placed.all - seeded - {"after-the-faults", "after-the-redrive"}


def test_every_order_that_was_said_to_be_there_is_there_once(cafe, placed, unknown):
    assert len(placed.all) == ORDERS
    now = statuses(cafe)
    assert {id_ for id_ in placed.good if now.get(id_) != "accepted"} == set()
    assert {id_ for id_ in placed.kitchen_poison if now.get(id_) != "created"} == set()
    assert placed.intake_poison & now.keys() == set()
    assert len(unknown) <= placed.unanswered


def test_every_order_was_written_once_and_accepted_once(placed, stream, unknown):
    written = defaultdict(list)
    for record in stream.records():
        written[order_id(record)].append(moves(record))
    made, accepted = (None, Status.CREATED), (Status.CREATED, Status.ACCEPTED)
    assert {id_: written[id_] for id_ in placed.good | unknown if written[id_] != [made, accepted]} == {}
    assert {id_: written[id_] for id_ in placed.kitchen_poison if written[id_] != [made]} == {}


def test_every_change_of_status_was_told_once(placed, told, seeded, unknown):
    # Of the first orders, some were told of before anybody listened.
    counted = {change: times for change, times in told.counted().items() if change[0] not in seeded}
    assert counted == {(id_, "accepted"): 1 for id_ in placed.good | unknown | {"after-the-faults"}}


def test_poison_and_nothing_else_was_set_aside(cafe, placed):
    in_orders = [json.loads(message["Body"])["id"] for message in messages_in(cafe, "ordersDlqUrl")]
    in_intake = [message["MessageId"] for message in messages_in(cafe, "intakeDlqUrl")]
    assert sorted(in_orders) == sorted(placed.kitchen_poison)
    # What was sent again without need is poison as well.
    assert placed.intake_poison <= set(in_intake)
    assert len(in_intake) <= len(placed.intake_poison) + placed.unanswered
    assert depth(cafe, "streamFailuresUrl") == 0


def test_what_is_sent_back_once_the_fault_is_mended_becomes_what_it_should_have_been(cafe, ann, placed, told, stream):
    poison = placed.kitchen_poison | placed.intake_poison
    command = [sys.executable, "-m", "ops", "redrive", "--home", str(cafe.home)]
    redriven = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE + ORDERS)

    assert redriven.returncode == 0, redriven.stdout + redriven.stderr
    wait_for(lambda: poison <= {id_ for id_, _ in told.counted()})
    wait_until_told(cafe, ann, told, "after-the-redrive")
    queues = ("ordersQueueUrl", "intakeQueueUrl", "ordersDlqUrl", "intakeDlqUrl", "streamFailuresUrl")
    wait_for(lambda: not any(depth(cafe, output) for output in queues))
    assert {output: depth(cafe, output) for output in queues} == dict.fromkeys(queues, 0)
    assert poison <= with_status(cafe, "accepted")
    written = Counter(order_id(record) for record in stream.records())
    assert {id_: written[id_] for id_ in poison if written[id_] != 2} == {}
    counted = told.counted()
    assert poison <= {id_ for id_, _ in counted}
    assert {change: times for change, times in counted.items() if times != 1} == {}
