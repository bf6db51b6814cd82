"""Orders a second, how long an answer takes, and how soon the customer is told.

Every figure of the API stands beside that of its floor: two functions that do less, behind an API of the same kind.
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
from local import engine
from local.load import People, sample_order
from local.project import Project
from local.seed import api_client
from tests.bench.event_source import set_event_source
from tests.bench.section import Row
from tests.local.conftest import Cafe, running_cafe, subscribed_queue

FLOOR = Path(__file__).parent / "floor"
CLIENTS = (1, 4, 16)
ROUNDS = 4
SECONDS = 1.0
"""How long each API is asked in each round."""

ORDER = {"items": [{"name": "Cappuccino", "type": "coffee", "qty": 1}]}

WARM_ORDERS = 5
"""Orders that start the functions before any is timed."""

QUIET_ORDERS = 40
RUSH_CLIENTS, RUSH_ORDERS = 16, 200
TOLD_SECONDS = 300


class Asked(NamedTuple):
    """What came of asking an API for a while."""

    rates: list[float]
    """Answers a second, in each round."""
    seconds: list[float]
    """How long each answer took."""
    errors: int
    """Answers that were not a 201."""


def measure() -> Iterator[Row]:
    """Rows about the running café; it takes a minute and a half."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        headers = cafe.sign_in("ann")
        yield from told(cafe, headers)
        # From here on it is only the API: what follows from an order would take turns with it at the two processors.
        set_event_source(cafe, "dynamoLambda", Enabled=False)
        urls = {"create": cafe.outputs["apiUrl"], **floors(cafe)}
        answers, errors = 0, 0
        for clients in CLIENTS:
            asked = ask_in_turn(cafe, urls, headers, clients)
            yield from rows(clients, asked)
            answers += sum(len(it.seconds) for it in asked.values())
            errors += sum(it.errors for it in asked.values())
        yield Row(f"errors among {answers:,} answers", str(errors), "0")


def floors(cafe: Cafe) -> dict[str, str]:
    """The addresses of the two floors' APIs, made on the café's emulator."""
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
    made = engine.deploy(project, cafe.aws, lambda: None)
    return {name: f"http://{id_}.execute-api.localhost:{cafe.port}/dev/" for name, id_ in made.items()}


def ask_in_turn(cafe: Cafe, urls: dict[str, str], headers: dict[str, str], clients: int) -> dict[str, Asked]:
    """What comes of each API, asked by so many clients: one API after the other, in some rounds."""
    for url in urls.values():
        ask(cafe, url, headers, clients, SECONDS)  # starts as many of its functions as are needed
    asked = {name: Asked([], [], 0) for name in urls}
    for _ in range(ROUNDS):
        for name, url in urls.items():
            rate, seconds, errors = ask(cafe, url, headers, clients, SECONDS)
            before = asked[name]
            asked[name] = Asked([*before.rates, rate], before.seconds + seconds, before.errors + errors)
    return asked


def ask(cafe: Cafe, url: str, headers: dict[str, str], clients: int, seconds: float) -> tuple[float, list[float], int]:
    """Order for some seconds: answers a second, how long each took, and how many were errors."""
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


def rows(clients: int, asked: dict[str, Asked]) -> Iterator[Row]:
    """What is said of one number of clients: the API, and how it stands to its floors."""
    api, name = asked["create"], f"{clients} client{'s' if clients > 1 else ''}"
    yield Row(
        f"{name}: orders a second",
        f"{statistics.median(api.rates):.0f}; {ratio(api.rates, asked['one_put'].rates)} of one put's, "
        f"{ratio(api.rates, asked['nothing'].rates)} of nothing's",
    )
    p50, p95, p99 = (percentile(api.seconds, percent) for percent in (50, 95, 99))
    put, nothing = (p50 / percentile(asked[floor].seconds, 50) for floor in ("one_put", "nothing"))
    yield Row(
        f"{name}: time to answer, p50, p95, p99",
        f"{p50:.0f}, {p95:.0f}, {p99:.0f} ms; p50 {put:.2f} of one put's, {nothing:.2f} of nothing's",
    )


def ratio(one: list[float], other: list[float]) -> str:
    """The median over the rounds, each by itself: what else this machine does in a round, it does to both."""
    return f"{statistics.median(a / b for a, b in zip(one, other, strict=True)):.2f}"


def percentile(seconds: list[float], percent: int) -> float:
    """In ms."""
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def told(cafe: Cafe, headers: dict[str, str]) -> Iterator[Row]:
    """Rows about how soon customers know that the kitchen has their order: one after another, and in a rush."""
    queue = subscribed_queue(cafe, "told")
    for _ in range(WARM_ORDERS):
        delays(cafe, queue, place(cafe, headers, 1, 1))
    quiet = [delay for _ in range(QUIET_ORDERS) for delay in delays(cafe, queue, place(cafe, headers, 1, 1))]
    yield Row("created to notified, one order at a time: p50, p95", spread(quiet))
    delays(cafe, queue, place(cafe, headers, RUSH_CLIENTS, RUSH_ORDERS // 4))  # starts as many functions as it takes
    began = time.perf_counter()
    placed = place(cafe, headers, RUSH_CLIENTS, RUSH_ORDERS)
    rate = RUSH_ORDERS / (time.perf_counter() - began)
    rush = spread(delays(cafe, queue, placed))
    yield Row(
        f"created to notified, {RUSH_ORDERS} orders of {RUSH_CLIENTS} clients at once: p50, p95",
        f"{rush}; {rate:.0f} orders a second, {RUSH_ORDERS / (time.perf_counter() - began):.0f} with all that follows",
    )


def place(cafe: Cafe, headers: dict[str, str], clients: int, count: int) -> dict[str, float]:
    """Place orders: when each was created, in ms, by its id."""

    def order(_: int) -> tuple[str, float]:
        made = cafe.api.post("orders", json=ORDER, headers=headers).json()
        return made["id"], made["_createdAt"]

    with ThreadPoolExecutor(clients) as threads:
        return dict(threads.map(order, range(count)))


def delays(cafe: Cafe, queue: str, created: dict[str, float]) -> list[float]:
    """How many ms after its creation the topic told that each order was accepted; waits until it is told of all."""
    sqs, waiting, found = cafe.aws.client("sqs"), dict(created), []
    deadline = time.monotonic() + TOLD_SECONDS
    while waiting:
        assert time.monotonic() < deadline, f"nobody was told of {len(waiting)} orders in {TOLD_SECONDS} s"
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
    """In ms."""
    percentiles = statistics.quantiles(delays, n=100)
    return f"{percentiles[49]:.0f}, {percentiles[94]:.0f} ms"
