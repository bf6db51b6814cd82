"""Many clients at once on the running café, each in a loop: place an order, then get it five times."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.bench.section import Row
from tests.local.conftest import running_cafe

CLIENTS = (4, 16, 50, 200)
SECONDS = 20
PATIENCE_SECONDS = 60
"""A client gives up after this time, and counts a failure."""

CERTIFICATES = ssl.create_default_context()
"""Shared, because loading them for each client takes longer than its requests."""

ORDER = {"items": [{"name": "Espresso", "qty": 1}]}
READS = 5


@dataclass
class Result:
    """The completed loops of all clients, the seconds of each request, and the unexpected answers."""

    rounds: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def measure() -> Iterator[Row]:
    """Rows about the running café. Takes two minutes."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        headers = cafe.sign_in("ann")
        rates = []
        for clients in CLIENTS:
            result, elapsed = asyncio.run(_crowd(str(cafe.api.base_url), dict(cafe.api.headers) | headers, clients))
            rates.append(result.rounds / elapsed)
            slow = sorted(result.seconds)[int(len(result.seconds) * 0.95)]
            failed = f"{len(result.failures)} of {len(result.seconds):,}"
            yield Row(f"{clients} clients: rounds per second, p95", f"{rates[-1]:.1f}, {slow * 1000:,.0f} ms")
            yield Row(f"{clients} clients: failed requests", failed, "0")
        yield Row(
            f"rounds per second of {CLIENTS[-1]} clients, relative to {CLIENTS[0]}",
            f"{rates[-1] / rates[0]:.2f}",
            "0.7",
        )


async def _crowd(url: str, headers: dict[str, str], clients: int) -> tuple[Result, float]:
    """Run the clients for a while. Returns their result, and the seconds until the last one was done."""
    result, began = Result(), time.perf_counter()
    await asyncio.gather(*(_client(url, headers, began + SECONDS, result) for _ in range(clients)))
    return result, time.perf_counter() - began


async def _client(url: str, headers: dict[str, str], until: float, result: Result) -> None:
    # One client each: a pool searches all of its connections for each request.
    async with httpx.AsyncClient(
        base_url=url,
        headers=headers,
        timeout=PATIENCE_SECONDS,
        trust_env=False,
        verify=CERTIFICATES,
    ) as http:
        while time.perf_counter() < until:
            placed = await _send(http, "POST", "orders", 201, result)
            if placed is None:
                continue
            path = f"orders/{placed['customer']}/{placed['id']}"
            answers = [await _send(http, "GET", path, 200, result) for _ in range(READS)]
            result.rounds += None not in answers


async def _send(
    http: httpx.AsyncClient, method: str, path: str, expected: int, result: Result
) -> dict[str, str] | None:
    """One request. Returns the order, or `None` after an unexpected answer."""
    began = time.perf_counter()
    try:
        answer = await http.request(method, path, json=ORDER if method == "POST" else None)
        problem = "" if answer.status_code == expected else f"{answer.status_code}: {answer.text[:200]}"
    except httpx.HTTPError as error:
        problem = repr(error)
    result.seconds.append(time.perf_counter() - began)
    if problem:
        result.failures.append(problem)
        return None
    order: dict[str, str] = answer.json()
    return order
