"""What recording costs: orders per second with the recorder, relative to a run without it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from local.cafe.seed import api_client
from local.emulator_client import Aws
from local.home import Home
from tests.bench.event_source import set_event_source
from tests.bench.load import ratio, send_orders
from tests.bench.section import Row
from tests.local.conftest import Cafe, local, running_cafe

ROUNDS = 12
CLIENTS = 4
SECONDS = 2.0
"""Duration of load per round and run."""

UNRECORDED = """
import sys
from local import emulator
emulator.RECORDS = "LOCAL_UNRECORDED"
from local.commands import run
run()
"""
"""`python -m local`, but the emulator does not find the connection for records, so it does not record."""


def measure() -> Iterator[Row]:
    """Rows about two running cafés under the same load, in turn. Takes two minutes."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        cafes = {
            "without": stack.enter_context(unrecorded_cafe(Path(folder) / "without")),
            "closed": stack.enter_context(running_cafe(Path(folder) / "closed")),
        }
        closed = rates(cafes)
        yield Row(
            "orders per second of 4 clients, recorded, relative to not recorded",
            ratio(closed["closed"], closed["without"]),
            "0.95",
        )
        assert local("console", "--home", str(cafes["closed"].home)).returncode == 0
        opened = rates(cafes)
        yield Row("the same while somebody reads the records", ratio(opened["closed"], opened["without"]))


def rates(cafes: dict[str, Cafe]) -> dict[str, list[float]]:
    """Orders per second of each café, by round. The order of the cafés alternates."""
    headers = {name: cafe.sign_in("ann") for name, cafe in cafes.items()}
    for name, cafe in cafes.items():
        # Only the API: the pipeline would compete with it for the two cores.
        set_event_source(cafe, "dynamoLambda", Enabled=False)
        send_orders(cafe, cafe.outputs["apiUrl"], headers[name], CLIENTS, SECONDS)  # starts the functions
    found: dict[str, list[float]] = {name: [] for name in cafes}
    for number in range(ROUNDS):
        for name, cafe in sorted(cafes.items(), reverse=number % 2 == 0):
            rate, _, errors = send_orders(cafe, cafe.outputs["apiUrl"], headers[name], CLIENTS, SECONDS)
            assert not errors
            found[name].append(rate)
    return found


@contextmanager
def unrecorded_cafe(path: Path) -> Iterator[Cafe]:
    """A running café that records nothing."""
    home = Home(path)
    command = [sys.executable, "-c", UNRECORDED, "up", "--home", str(path), "--config", "openOrders=0"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]) as process:
        try:
            while not home.is_ready():
                assert process.poll() is None, "the café did not start"
                time.sleep(0.1)
            outputs = home.outputs()
            port = urlsplit(outputs["apiUrl"]).port or 0
            with api_client(outputs["apiUrl"], port) as api:
                yield Cafe(path, outputs, port, api, Aws(f"http://localhost:{port}", "us-east-1"))
        finally:
            process.terminate()
