"""How many queued orders per second the kitchen accepts, by number of concurrent workers."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lambdas.orders.service import now_ms
from local.cafe.load import BATCH, STATUSES, sample_order, seeded_people, write_batch
from local.home import Home
from ops.stack import local_stack
from tests.bench.event_source import set_event_source
from tests.bench.section import Row
from tests.local.conftest import Cafe, running_cafe

WORKERS = (1, 4, 16)
ROUNDS = 3
TIMED_MESSAGES = 150
"""Messages timed per number of workers and round."""

TIMEOUT_SECONDS = 300

WARM_UP_MESSAGES = 30
"""Messages drained before the timing starts, until all workers are busy."""

ORDERS = 3000
"""More than all rounds drain, including messages in flight at the end of each."""


def measure() -> Iterator[Row]:
    """Rows about the stream handler and the queue handler of a running café. Takes a minute."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        set_event_source(cafe, "sqsLambda", Enabled=False)
        rate = fill(cafe)
        yield Row("stream handler, as deployed: orders sent to the kitchen", f"{rate:.0f} per second")
        # Accepting an order would add records to the stream.
        set_event_source(cafe, "dynamoLambda", Enabled=False)
        rates = {workers: list[float]() for workers in WORKERS}
        for workers in WORKERS:
            drain(cafe, workers)  # warm-up: starts the workers
        for _ in range(ROUNDS):
            for workers in WORKERS:
                rates[workers].append(drain(cafe, workers))
    one = statistics.median(rates[WORKERS[0]])
    for workers, found in rates.items():
        rate = statistics.median(found)
        yield Row(
            f"queue handler, {workers} worker{'s' if workers > 1 else ''}: orders accepted",
            f"{rate:.0f} per second, {rate / one:.1f}x one worker",
        )


def fill(cafe: Cafe) -> float:
    """Write new orders and wait until the stream handler has queued them all. Returns its rate in orders per second."""
    people = seeded_people(local_stack(Home(cafe.home)))
    now = now_ms()
    began = time.perf_counter()
    for first in range(0, ORDERS, BATCH):
        # One sample per `STATUSES` cycle is a new order.
        orders = [sample_order(len(STATUSES) * n, people, now) for n in range(first, first + BATCH)]
        write_batch(cafe.aws.client("dynamodb"), cafe.outputs["ordersTableName"], orders)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (found := depth(cafe)) < ORDERS:
        assert time.monotonic() < deadline, f"expected {ORDERS} messages, got {found}"
        time.sleep(0.05)
    return ORDERS / (time.perf_counter() - began)


def drain(cafe: Cafe, workers: int) -> float:
    """Let this many queue handlers work for a while. Returns the rate in messages per second."""
    client, name = cafe.aws.client("lambda"), cafe.outputs["sqsLambda"]
    if workers == 1:
        # An event source's minimum concurrency is 2.
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    else:
        client.delete_function_concurrency(FunctionName=name)
    full = depth(cafe)
    set_event_source(cafe, "sqsLambda", Enabled=True, ScalingConfig={"MaximumConcurrency": max(2, workers)})
    before = wait_for_depth(cafe, full - WARM_UP_MESSAGES)
    began = time.perf_counter()
    after = wait_for_depth(cafe, before - TIMED_MESSAGES)
    rate = (before - after) / (time.perf_counter() - began)
    set_event_source(cafe, "sqsLambda", Enabled=False)
    return rate


def wait_for_depth(cafe: Cafe, most: int) -> int:
    """Wait until the queue holds at most `most` messages. Returns its depth."""
    assert most > 0, f"{ORDERS} orders are not enough"
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (found := depth(cafe)) > most:
        assert time.monotonic() < deadline, f"expected at most {most} messages, got {found}"
        time.sleep(0.03)
    return found


def depth(cafe: Cafe) -> int:
    """Messages in the orders queue, including those in flight."""
    waiting = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    client, url = cafe.aws.client("sqs"), cafe.outputs["ordersQueueUrl"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=waiting)["Attributes"]
    return sum(int(found[name]) for name in waiting)
