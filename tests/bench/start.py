"""How long each step takes from `up` to the first accepted order.

`python -m tests.bench.start up ...` runs `python -m local up ...` and prints when each step starts and ends.
"""

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.bench.evaluation import floor, loaded_modules, seconds
from tests.bench.section import Row

ROOT = Path(__file__).parents[2]
ROUNDS = 5
TIMEOUT_SECONDS = 300
POLL_SECONDS = 0.01

Marks = dict[str, tuple[float, float]]
"""Start and end of each step: seconds since the command started."""

LOADED = "Python and its imports"
EMULATOR = "waiting for the emulator (starts in parallel)"
EVALUATED = "program evaluated (preview)"
MADE = "resources created"
PUBLISHED = "site published (in parallel)"
SEEDED = "users and first orders seeded"
ANSWERS = "signed in and ordered"
ACCEPTED = "order accepted"


def measure() -> Iterator[Row]:
    """Medians of several starts. The first start warms up caches and is not counted."""
    bare = (sys.executable, "-c", floor(loaded_modules()))
    rounds = [(start(), seconds(bare)[1]) for _ in range(ROUNDS + 1)][1:]
    starts = [marks for marks, _ in rounds]
    for step in (LOADED, EVALUATED, EMULATOR, MADE, SEEDED, PUBLISHED, ANSWERS, ACCEPTED):
        begun, ended = (statistics.median(marks[step][end] for marks in starts) for end in (0, 1))
        yield Row(f"{step}: from, to", f"{begun:.1f} to {ended:.1f} s", "8 s" if step == ACCEPTED else "")
    accepted = statistics.median(marks[ACCEPTED][1] / imported for marks, imported in rounds)
    yield Row(
        "first order accepted, relative to a bare import of pulumi and the pulumi_aws services used",
        f"{accepted:.1f}",
        "18",
    )


def start() -> Marks:
    """Start the café, order, wait until the order is accepted, and stop the café."""
    from local.cafe.seed import PASSWORD, USERS, api_client

    with tempfile.TemporaryDirectory() as home:
        given = time.time()
        command = [sys.executable, "-m", "tests.bench.start", "up", "--home", home]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            outputs = _outputs(Path(home), process)
            begun = time.time()
            with api_client(outputs["apiUrl"], urlsplit(outputs["apiUrl"]).port or 0) as api:
                order, authorization = place_order(api, USERS[0].email, PASSWORD)
                ordered = time.time()
                wait_until_accepted(api, order, authorization)
            accepted = time.time()
        finally:
            process.terminate()
            printed, _ = process.communicate()
    marks = dict(json.loads(line) for line in printed.splitlines())
    marks |= {LOADED: (given, marks[EVALUATED][0]), ANSWERS: (begun, ordered), ACCEPTED: (ordered, accepted)}
    return {step: (begun - given, ended - given) for step, (begun, ended) in marks.items()}


def place_order(api: httpx.Client, email: str, password: str) -> tuple[str, dict[str, str]]:
    """Sign in and order. Returns the order's path and the authorization header."""
    signed_in = api.post("authenticate", json={"username": email, "password": password}).raise_for_status().json()
    authorization = {"Authorization": signed_in["token"]}
    items = [{"name": "Espresso", "type": "coffee", "qty": 1}]
    order = api.post("orders", json={"items": items}, headers=authorization).raise_for_status().json()
    return f"orders/{order['customer']}/{order['id']}", authorization


def wait_until_accepted(api: httpx.Client, path: str, authorization: dict[str, str]) -> None:
    """Poll until the kitchen has accepted an order."""
    _until(lambda: api.get(path, headers=authorization).raise_for_status().json()["status"] == "accepted")


def _outputs(home: Path, process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The outputs of the café that starts, once it is ready."""
    from local.home import Home

    _until(lambda: Home(home).is_ready() or process.poll() is not None)
    return Home(home).outputs()


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"not done within {TIMEOUT_SECONDS} s"
        time.sleep(POLL_SECONDS)


def _time_step(owner: Any, name: str, step: str) -> None:
    """Make a function print when it starts and ends."""
    function = getattr(owner, name)

    def timed(*arguments: Any, **named: Any) -> Any:
        begun = time.time()
        result = function(*arguments, **named)
        print(json.dumps((step, (begun, time.time()))), flush=True)
        return result

    setattr(owner, name, timed)


def _up() -> int:
    """Run the `up` command with its steps timed."""
    gc.disable()
    import ops.publish
    from local import commands, emulator, seed, session

    _time_step(session, "preview", EVALUATED)
    _time_step(session, "deploy", MADE)
    _time_step(ops.publish, "publish", PUBLISHED)
    _time_step(seed, "seed", SEEDED)
    _time_step(emulator.Emulator, "wait_until_ready", EMULATOR)
    return commands.main()


if __name__ == "__main__":
    sys.exit(_up())
