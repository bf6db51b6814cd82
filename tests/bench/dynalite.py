"""dynalite: an in-memory DynamoDB from npm that, unlike the emulator, queries by index."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from local.emulator_client import Aws
from local.emulator_settings import HOST
from local.processes import end_group

VERSION = "4.0.0"


@contextmanager
def dynalite() -> Iterator[Aws]:
    """A client of a dynalite without tables that runs while the block lasts. Needs Node.js."""
    command = ["npx", "--yes", f"dynalite@{VERSION}", "--host", HOST, "--port", "0", "--createTableMs", "0"]
    # Its own process group: npx starts child processes.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        try:
            # Dynalite listening at: http://127.0.0.1:4567
            listening = process.stdout.readline()
            yield Aws(listening.split()[-1], "us-east-1")
        finally:
            end_group(process.pid)
