"""How many queued orders a second the kitchen takes, by how many of its functions work at once."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lambdas.orders.service import now_ms
from local.load import BATCH, STATUSES, sample_order, seeded_people, write_batch
from ops.home import Home
from ops.stack import local_stack
from tests.bench.event_source import set_event_source
from tests.bench.section import Row
from tests.local.conftest import Cafe, running_cafe

WORKERS = (1, 4, 16)
ROUNDS = 3
TAKEN = 150
"""How many messages are timed, with each number of workers in each round."""

PATIENCE_SECONDS = 300

FIRST = 30
"""How many are taken before that, until all workers are at it."""

ORDERS = 3000
"""More than all rounds take out of the queue, with those under way at the end of each."""


def measure() -> Iterator[Row]:
    """Rows about the stream handler and the queue handler of a running café, in a minute."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        set_event_source(cafe, "sqsLambda", Enabled=False)
        rate = fill(cafe)
        yield Row("stream handler, as it comes: orders told to the kitchen", f"{rate:.0f} a second")
        # What the kitchen does to an order would come back by the stream.
        set_event_source(cafe, "dynamoLambda", Enabled=False)
        rates = {workers: list[float]() for workers in WORKERS}
        for workers in WORKERS:
            drain(cafe, workers)  # starts as many functions
        for _ in range(ROUNDS):
            for workers in WORKERS:
                rates[workers].append(drain(cafe, workers))
    one = statistics.median(rates[WORKERS[0]])
    for workers, found in rates.items():
        rate = statistics.median(found)
        yield Row(
            f"queue handler, {workers} at once: orders accepted", f"{rate:.0f} a second, {rate / one:.1f} of one's"
        )


def fill(cafe: Cafe) -> float:
    """Write new orders, and wait until the stream handler has put them all into the queue: how many a second it did."""
    people = seeded_people(local_stack(Home(cafe.home)))
    now = now_ms()
    began = time.perf_counter()
    for first in range(0, ORDERS, BATCH):
        # Of the samples, one in so many is new.
        orders = [sample_order(len(STATUSES) * n, people, now) for n in range(first, first + BATCH)]
        write_batch(cafe.aws.client("dynamodb"), cafe.outputs["ordersTableName"], orders)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := depth(cafe)) < ORDERS:
        assert time.monotonic() < deadline, f"there are only {found} messages, and not {ORDERS}"
        time.sleep(0.05)
    return ORDERS / (time.perf_counter() - began)


def drain(cafe: Cafe, workers: int) -> float:
    """Let so many queue handlers work for a while: how many messages a second they take."""
    client, name = cafe.aws.client("lambda"), cafe.outputs["sqsLambda"]
    if workers == 1:
        # A queue's own limit is two at least.
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    else:
        client.delete_function_concurrency(FunctionName=name)
    full = depth(cafe)
    set_event_source(cafe, "sqsLambda", Enabled=True, ScalingConfig={"MaximumConcurrency": max(2, workers)})
    before = wait_for_depth(cafe, full - FIRST)
    began = time.perf_counter()
    after = wait_for_depth(cafe, before - TAKEN)
    rate = (before - after) / (time.perf_counter() - began)
    set_event_source(cafe, "sqsLambda", Enabled=False)
    return rate


def wait_for_depth(cafe: Cafe, most: int) -> int:
    """How many messages there are, once there are so many at most. Fails when that can never be, or takes too long."""
    assert most > 0, f"{ORDERS} orders are too few"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := depth(cafe)) > most:
        assert time.monotonic() < deadline, f"there are still {found} messages, and not {most}"
        time.sleep(0.03)
    return found


def depth(cafe: Cafe) -> int:
    """Messages in the orders queue, those under way included."""
    waiting = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    client, url = cafe.aws.client("sqs"), cafe.outputs["ordersQueueUrl"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=waiting)["Attributes"]
    return sum(int(found[name]) for name in waiting)
