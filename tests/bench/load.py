"""Orders per second, response time, and time until the customer is notified.

Each API figure is compared with two baselines: simpler functions behind the same kind of API (`floor`).
"""

import json
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from lambdas.orders.service import now_ms
from lambdas.orders.table import to_item
from local.cafe.load import People, sample_order
from local.cafe.seed import api_client
from local.deployment import deploy
from local.project import Project
from local.state import State
from tests.bench.event_source import set_event_source
from tests.bench.section import Row
from tests.local.conftest import Cafe, running_cafe, subscribed_queue

FLOOR = Path(__file__).parent / "floor"
CLIENTS = (1, 4, 16)
ROUNDS = 4
SECONDS = 1.0
"""Duration of load on each API per round."""

ORDER = {"items": [{"name": "Cappuccino", "type": "coffee", "qty": 1}]}

WARM_ORDERS = 5
"""Orders that warm up the functions before timing starts."""

QUIET_ORDERS = 40
RUSH_CLIENTS, RUSH_ORDERS = 16, 200
NOTIFIED_SECONDS = 300


class LoadResult(NamedTuple):
    """The results of load on an API."""

    rates: list[float]
    """Responses per second, by round."""
    seconds: list[float]
    """Response time of each request."""
    errors: int
    """Responses other than 201."""


def measure() -> Iterator[Row]:
    """Rows about the running café. Takes a minute and a half."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        headers = cafe.sign_in("ann")
        yield from notification_delays(cafe, headers)
        # From here on, only the API: the pipeline would compete with it for the two cores.
        set_event_source(cafe, "dynamoLambda", Enabled=False)
        urls = {"create": cafe.outputs["apiUrl"], **floors(cafe)}
        answers, errors = 0, 0
        for clients in CLIENTS:
            results = measure_in_turn(cafe, urls, headers, clients)
            yield from rows(clients, results)
            answers += sum(len(it.seconds) for it in results.values())
            errors += sum(it.errors for it in results.values())
        yield Row(f"errors in {answers:,} responses", str(errors), "0")


def floors(cafe: Cafe) -> dict[str, str]:
    """Deploy the two baselines on the café's emulator. Returns the addresses of their APIs."""
    authorizer = cafe.outputs["authorizerLambda"]
    path = f"path/2015-03-31/functions/{cafe.aws.arn('lambda', f'function:{authorizer}')}/invocations"
    item = to_item(sample_order(0, People(("ann",), "sam"), now_ms()))
    config = {
        "authorizer": authorizer,
        "authorizerArn": cafe.aws.arn("apigateway", path, account="lambda"),
        "table": cafe.outputs["ordersTableName"],
        "tableArn": cafe.outputs["ordersTableArn"],
        "item": json.dumps(item),
    }
    project = Project(FLOOR, "floor", "bench", {f"floor:{key}": value for key, value in config.items()})
    made = deploy(project, cafe.aws, State())
    return {name: f"http://{id_}.execute-api.localhost:{cafe.port}/dev/" for name, id_ in made.items()}


def measure_in_turn(cafe: Cafe, urls: dict[str, str], headers: dict[str, str], clients: int) -> dict[str, LoadResult]:
    """The results of each API under load from this many clients: one API after the other, in several rounds."""
    for url in urls.values():
        send_orders(cafe, url, headers, clients, SECONDS)  # warm-up: starts the functions
    results = {name: LoadResult([], [], 0) for name in urls}
    for _ in range(ROUNDS):
        for name, url in urls.items():
            rate, seconds, errors = send_orders(cafe, url, headers, clients, SECONDS)
            before = results[name]
            results[name] = LoadResult([*before.rates, rate], before.seconds + seconds, before.errors + errors)
    return results


def send_orders(
    cafe: Cafe, url: str, headers: dict[str, str], clients: int, seconds: float
) -> tuple[float, list[float], int]:
    """Order for some seconds. Returns responses per second, the response times and the number of errors."""
    began = time.perf_counter()

    def client(_: int) -> tuple[list[float], int]:
        times, errors = [], 0
        with api_client(url, cafe.port) as api:
            while (start := time.perf_counter()) < began + seconds:
                errors += api.post("orders", json=ORDER, headers=headers).status_code != 201
                times.append(time.perf_counter() - start)
        return times, errors

    with ThreadPoolExecutor(clients) as threads:
        each = list(threads.map(client, range(clients)))
    times = [time_ for times, _ in each for time_ in times]
    return len(times) / (time.perf_counter() - began), times, sum(errors for _, errors in each)


def rows(clients: int, results: dict[str, LoadResult]) -> Iterator[Row]:
    """The rows of one number of clients: the API relative to its baselines."""
    api, name = results["create"], f"{clients} client{'s' if clients > 1 else ''}"
    yield Row(
        f"{name}: orders per second",
        f"{statistics.median(api.rates):.0f}; {ratio(api.rates, results['one_put'].rates)} of the `one_put` baseline, "
        f"{ratio(api.rates, results['nothing'].rates)} of the `nothing` baseline",
    )
    p50, p95, p99 = (percentile(api.seconds, percent) for percent in (50, 95, 99))
    put, nothing = (p50 / percentile(results[floor].seconds, 50) for floor in ("one_put", "nothing"))
    yield Row(
        f"{name}: response time, p50, p95, p99",
        f"{p50:.0f}, {p95:.0f}, {p99:.0f} ms; p50 {put:.2f} of the `one_put` baseline, "
        f"{nothing:.2f} of the `nothing` baseline",
    )


def ratio(one: list[float], other: list[float]) -> str:
    """The median of the per-round ratios: other load on the machine affects both sides of a round."""
    return f"{statistics.median(a / b for a, b in zip(one, other, strict=True)):.2f}"


def percentile(seconds: list[float], percent: int) -> float:
    """A percentile in ms."""
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def notification_delays(cafe: Cafe, headers: dict[str, str]) -> Iterator[Row]:
    """Rows about the time from an order to its `accepted` notification: one at a time, and in a rush."""
    queue = subscribed_queue(cafe, "notified")
    for _ in range(WARM_ORDERS):
        delays(cafe, queue, place(cafe, headers, 1, 1))
    quiet = [delay for _ in range(QUIET_ORDERS) for delay in delays(cafe, queue, place(cafe, headers, 1, 1))]
    yield Row("created to notified, one order at a time: p50, p95", spread(quiet))
    delays(cafe, queue, place(cafe, headers, RUSH_CLIENTS, RUSH_ORDERS // 4))  # warm-up
    began = time.perf_counter()
    placed = place(cafe, headers, RUSH_CLIENTS, RUSH_ORDERS)
    rate = RUSH_ORDERS / (time.perf_counter() - began)
    rush = spread(delays(cafe, queue, placed))
    yield Row(
        f"created to notified, {RUSH_ORDERS} orders from {RUSH_CLIENTS} concurrent clients: p50, p95",
        f"{rush}; {rate:.0f} orders per second created, {RUSH_ORDERS / (time.perf_counter() - began):.0f} notified",
    )


def place(cafe: Cafe, headers: dict[str, str], clients: int, count: int) -> dict[str, float]:
    """Place orders. Returns their creation times in ms, by id."""

    def order(_: int) -> tuple[str, float]:
        made = cafe.api.post("orders", json=ORDER, headers=headers).json()
        return made["id"], made["_createdAt"]

    with ThreadPoolExecutor(clients) as threads:
        return dict(threads.map(order, range(count)))


def delays(cafe: Cafe, queue: str, created: dict[str, float]) -> list[float]:
    """The ms between creation and the `accepted` notification of each order. Waits for all of them."""
    sqs, waiting, found = cafe.aws.client("sqs"), dict(created), []
    deadline = time.monotonic() + NOTIFIED_SECONDS
    while waiting:
        assert time.monotonic() < deadline, f"no notification for {len(waiting)} orders within {NOTIFIED_SECONDS} s"
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageSystemAttributeNames=["SentTimestamp"]
        )
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            change = json.loads(json.loads(message["Body"])["Message"])
            if change["status"] == "accepted" and change["id"] in waiting:
                found.append(int(message["Attributes"]["SentTimestamp"]) - waiting.pop(change["id"]))
    return found


def spread(delays: list[float]) -> str:
    """The p50 and p95 in ms."""
    percentiles = statistics.quantiles(delays, n=100)
    return f"{percentiles[49]:.0f}, {percentiles[94]:.0f} ms"
