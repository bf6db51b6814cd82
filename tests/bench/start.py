"""How long it takes from `up` to the first accepted order, step by step, beside what the Pulumi CLI needs to put the
same resources into the same emulator, where there is one.

`python -m tests.bench.start up ...` is `python -m local up ...` that says on its standard output when each step begins
and ends.
"""

import gc
import json
import os
import shutil
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
PATIENCE_SECONDS = 300
POLL_SECONDS = 0.01

Marks = dict[str, tuple[float, float]]
"""By step, when it began and ended: seconds after the command was given."""

LOADED = "Python and its imports"
EMULATOR = "waiting for the emulator, which starts meanwhile"
EVALUATED = "program evaluated without making anything"
MADE = "resources made"
PUBLISHED = "site published, beside it"
SEEDED = "people and first orders there"
ANSWERS = "signed in, ordered"
ACCEPTED = "order accepted"


def measure() -> Iterator[Row]:
    """Medians of several starts; the first one, which brings things into memory, does not count."""
    bare = (sys.executable, "-c", floor(loaded_modules()))
    rounds = [(start(), seconds(bare)[1]) for _ in range(ROUNDS + 1)][1:]
    starts = [marks for marks, _ in rounds]
    for step in (LOADED, EVALUATED, EMULATOR, MADE, SEEDED, PUBLISHED, ANSWERS, ACCEPTED):
        begun, ended = (statistics.median(marks[step][end] for marks in starts) for end in (0, 1))
        yield Row(f"{step}: from, to", f"{begun:.1f} to {ended:.1f} s", "8 s" if step == ACCEPTED else "")
    accepted = statistics.median(marks[ACCEPTED][1] / imported for marks, imported in rounds)
    yield Row(
        "first order accepted : a bare import of pulumi and the pulumi_aws services used", f"{accepted:.1f}", "18"
    )
    made = statistics.median(marks[MADE][1] for marks in starts)
    if pulumi := shutil.which("pulumi"):
        cli = pulumi_up(pulumi)
        yield Row("`pulumi up` into the same emulator", f"{cli:.1f} s")
        yield Row("`pulumi up` : `up` until its resources are made", f"{cli / made:.1f}", "at least 10")
    else:
        yield Row("`pulumi up` into the same emulator", "no Pulumi CLI here")


def start() -> Marks:
    """Start everything, order, wait until the order is accepted, and end it."""
    from local.seed import PASSWORD, USERS, api_client

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
            said, _ = process.communicate()
    marks = dict(json.loads(line) for line in said.splitlines())
    marks |= {LOADED: (given, marks[EVALUATED][0]), ANSWERS: (begun, ordered), ACCEPTED: (ordered, accepted)}
    return {step: (begun - given, ended - given) for step, (begun, ended) in marks.items()}


def place_order(api: httpx.Client, email: str, password: str) -> tuple[str, dict[str, str]]:
    """Sign in and order. Returns the order's path and the header that goes with requests for it."""
    signed_in = api.post("authenticate", json={"username": email, "password": password}).raise_for_status().json()
    authorization = {"Authorization": signed_in["token"]}
    items = [{"name": "Espresso", "type": "coffee", "qty": 1}]
    order = api.post("orders", json={"items": items}, headers=authorization).raise_for_status().json()
    return f"orders/{order['customer']}/{order['id']}", authorization


def wait_until_accepted(api: httpx.Client, path: str, authorization: dict[str, str]) -> None:
    """Ask until the kitchen has accepted an order."""
    _until(lambda: api.get(path, headers=authorization).raise_for_status().json()["status"] == "accepted")


def pulumi_up(pulumi: str) -> float:
    """Seconds that the Pulumi CLI, an executable, takes for the stack `local` and an emulator of its own."""
    from local.emulator import Emulator, check_port
    from local.project import load_project

    project = load_project(ROOT, "local")
    port = urlsplit(project.emulator_address()).port or 0
    check_port(port)  # the CLI reads the address from the stack's file
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(port, Path(folder), project.region)
        environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "none",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        try:
            emulator.wait_until_ready()
            options: dict[str, Any] = {"cwd": ROOT, "env": environment, "check": True, "stdout": subprocess.DEVNULL}
            # The CLI writes its salt into the stack's file: it gets a copy.
            settings = shutil.copy(ROOT / "Pulumi.local.yaml", folder)
            given: tuple[str, ...] = ("--stack", "local", "--config-file", settings, "--non-interactive")
            subprocess.run([pulumi, "stack", "init", "local", "--non-interactive"], **options)
            begun = time.perf_counter()
            subprocess.run([pulumi, "up", "--yes", "--skip-preview", *given], **options)
            return time.perf_counter() - begun
        finally:
            emulator.stop()


def _outputs(home: Path, process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The outputs of what is started, once everything answers."""
    from ops.home import Home

    _until(lambda: Home(home).is_ready() or process.poll() is not None)
    return Home(home).outputs()


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"not in {PATIENCE_SECONDS} s"
        time.sleep(POLL_SECONDS)


def _telling(owner: Any, name: str, step: str) -> None:
    """Let a function say when it begins and ends."""
    function = getattr(owner, name)

    def told(*arguments: Any, **named: Any) -> Any:
        begun = time.time()
        result = function(*arguments, **named)
        print(json.dumps((step, (begun, time.time()))), flush=True)
        return result

    setattr(owner, name, told)


def _up() -> int:
    """`up` as the command line has it, with its steps told."""
    gc.disable()
    import ops.publish
    from local import __main__, emulator, engine
    from local import up as up_module

    _telling(engine, "preview", EVALUATED)
    _telling(engine, "deploy", MADE)
    _telling(ops.publish, "publish", PUBLISHED)
    _telling(up_module, "seed", SEEDED)
    _telling(emulator.Emulator, "wait_until_ready", EMULATOR)
    return __main__.main()


if __name__ == "__main__":
    sys.exit(_up())
