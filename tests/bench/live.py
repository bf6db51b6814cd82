"""Live updates on the running café: how soon a change is seen, and what many connections cost."""

import asyncio
import json
import re
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import websockets

from tests.bench.crowd import CERTIFICATES, ORDER
from tests.local.conftest import Cafe, running_cafe
from tests.local.screen import PROTOCOL, header

from .section import Row

PAGES, CONNECTIONS = 50, 1000
CHANGES = 60
PAUSE_SECONDS = 0.3
"""Between orders, for the kitchen to accept the last one: the emulator reads a stream one batch at a time."""
POLL_SECONDS = (0.5, 1.6, 5.0)
"""How pages asked before: after half a second, then after pauses that grew by this factor, up to five seconds."""

CLIENTS, SECONDS = 16, 15


def measure() -> Iterator[Row]:
    """Rows about the running café. Takes two minutes."""
    with TemporaryDirectory() as folder, running_cafe(Path(folder) / "cafe") as cafe:
        seen = asyncio.run(_seen(cafe))
        yield Row(f"written to seen by {PAGES} pages that listen: p50, p95", _times(seen), "150 ms")
        yield Row(f"written to seen by {PAGES} pages that poll: p50, p95", _times(_polled(CHANGES * PAGES)))
        before, rate = _memory_mb(cafe.home), asyncio.run(_rate(cafe))
        yield Row(f"orders per second of {CLIENTS} clients, with no connection", f"{rate:.1f}")
        held_rate, held = asyncio.run(_with_connections(cafe))
        yield Row(f"the same with {CONNECTIONS:,} connections held", f"{held_rate:.1f}")
        yield Row(f"memory of {CONNECTIONS:,} connections in the emulator", f"{held - before:.0f} MB")


def _times(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return ", ".join(f"{ordered[int(len(ordered) * share)] * 1000:,.0f} ms" for share in (0.5, 0.95))


def _polled(count: int) -> list[float]:
    """When pages that poll would have seen changes that come 100 ms to three minutes after the order: computed, not
    measured, without the time of the request itself."""
    first, growth, slowest = POLL_SECONDS
    asked = [first]
    pause = first
    while asked[-1] < 200:
        pause = min(slowest, pause * growth)
        asked.append(asked[-1] + pause)
    changes = [0.1 + 180 * number / count for number in range(count)]
    return [next(at for at in asked if at >= change) - change for change in changes]


async def _listen(stack: AsyncExitStack, cafe: Cafe, token: str, channel: str) -> Any:
    """A connection that is subscribed to a channel."""
    url, host = cafe.outputs["liveRealtimeUrl"], urlsplit(cafe.outputs["liveHttpUrl"]).netloc
    local = socket.create_connection(("127.0.0.1", cafe.port))
    connection = await stack.enter_async_context(
        websockets.connect(
            url,
            sock=local,
            subprotocols=[PROTOCOL, header(host=host, Authorization=token)],  # type: ignore[list-item]
            open_timeout=120,
            close_timeout=1,
        )
    )
    message = {"type": "subscribe", "id": "1", "channel": channel, "authorization": {"Authorization": token}}
    await connection.send(json.dumps(message))
    while json.loads(await connection.recv())["type"] != "subscribe_success":
        pass
    return connection


async def _seen(cafe: Cafe) -> list[float]:
    """The seconds from the request that places an order until each page has it."""
    ann, sam = (cafe.sign_in(name) for name in ("ann", "sam"))
    token = sam["Authorization"].removeprefix("Bearer ")
    seen: list[float] = []
    async with AsyncExitStack() as stack:
        screens = [await _listen(stack, cafe, token, "/orders/board") for _ in range(PAGES)]
        http = await stack.enter_async_context(_client(cafe, ann))
        for number in range(CHANGES):
            began = time.perf_counter()
            waiting = [asyncio.create_task(_until(screen, f"bench-{number}", began)) for screen in screens]
            (await http.post("orders", json={**ORDER, "id": f"bench-{number}"})).raise_for_status()
            seen += await asyncio.gather(*waiting)
            await asyncio.sleep(PAUSE_SECONDS)
    return seen


async def _until(screen: Any, order: str, began: float) -> float:
    while True:
        message = json.loads(await screen.recv())
        if message["type"] == "data" and json.loads(message["event"])["order"]["id"] == order:
            return time.perf_counter() - began


def _client(cafe: Cafe, headers: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=cafe.api.base_url,
        headers=dict(cafe.api.headers) | headers,
        timeout=60,
        trust_env=False,
        verify=CERTIFICATES,
    )


async def _rate(cafe: Cafe) -> float:
    """The orders per second of many clients at once."""
    headers, until = cafe.sign_in("ann"), time.perf_counter() + SECONDS

    async def place() -> int:
        count = 0
        async with _client(cafe, headers) as http:
            while time.perf_counter() < until:
                (await http.post("orders", json=ORDER)).raise_for_status()
                count += 1
        return count

    return sum(await asyncio.gather(*(place() for _ in range(CLIENTS)))) / SECONDS


async def _with_connections(cafe: Cafe) -> tuple[float, float]:
    """The orders per second, and the emulator's memory in MB, while connections are held that hear nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * CONNECTIONS)), hard))
    token = cafe.sign_in("bob")["Authorization"].removeprefix("Bearer ")
    pool = cafe.outputs["userPoolId"]
    users = cafe.aws.client("cognito-idp")
    own = users.admin_get_user(UserPoolId=pool, Username="bob@example.com")["Username"]
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            await _listen(stack, cafe, token, f"/orders/customers/{own}")
        return await _rate(cafe), _memory_mb(cafe.home)


def _memory_mb(home: Path) -> float:
    """The resident memory of the emulator's process, without its functions'."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        command = status.read_bytes().decode(errors="replace").replace("\0", " ")
        environment = status.with_name("environ")
        if "-m local.emulator" in command and str(home) in environment.read_bytes().decode(errors="replace"):
            found = re.search(r"VmRSS:\s+(\d+) kB", status.with_name("status").read_text())
            assert found
            return int(found[1]) / 1024
    raise RuntimeError(f"no emulator runs for {home}")
