"""A DynamoDB that finds items by index, as DynamoDB does: dynalite, in memory, from npm."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from local.emulator import HOST, end_group
from ops.emulator_client import Aws

VERSION = "4.0.0"


@contextmanager
def dynalite() -> Iterator[Aws]:
    """A client for one without tables, which ends with the block. Needs node."""
    command = ["npx", "--yes", f"dynalite@{VERSION}", "--host", HOST, "--port", "0", "--createTableMs", "0"]
    # Its own group: npx starts others.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        try:
            # Dynalite listening at: http://127.0.0.1:4567
            listening = process.stdout.readline()
            yield Aws(listening.split()[-1], "us-east-1")
        finally:
            end_group(process.pid)
