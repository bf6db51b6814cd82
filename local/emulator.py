"""Runs the emulator in its own process, which ends with the process that started it, even if that one crashes.

`python -m local.emulator` is that process: it serves until its standard input is closed.
"""

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

from .emulator_settings import (
    ACCESS_LOG,
    DEBUGGED,
    DEBUGGING,
    HOST,
    PLAIN_PORT,
    PROJECT,
    RECORDS,
    REPORTS,
    SAVE_SECONDS,
    STATE,
)
from .errors import UserError
from .processes import FOLDER, end_group, python_module

READY_SECONDS = 60
STOP_SECONDS = 5
"""How long stopping may take without saving the state."""


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_port(port: int, advice: str) -> None:
    """Raise `UserError`, with the advice, if the port is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UserError(f"port {port} cannot be used: {error.strerror}; {advice}") from None


def usable(port: int) -> int | None:
    """The port, unless it is in use or there is none."""
    try:
        check_port(port, "")
    except (UserError, OverflowError):
        return None
    return port


class Emulator:
    """A running emulator on a loopback port. Its log and scratch files are in `home`."""

    def __init__(
        self,
        port: int,
        home: Path,
        region: str,
        debugged: str | None = None,
        kept: Path | None = None,
        root: Path = FOLDER,
    ) -> None:
        """`debugged` is the module of a function that waits for a debugger, of the program in `root`. In `kept`,
        the emulator leaves its state when it stops, and takes it up when it starts."""
        self.endpoint = f"http://localhost:{port}"
        self._port = port
        self.plain_port = usable(port + 1) or free_port()
        """Where the site is at `http://localhost`. It follows the other port, so that it is as stable."""
        self._stop_seconds = STOP_SECONDS if kept is None else SAVE_SECONDS
        self.log = home / "emulator.log"
        self.scratch = home / "scratch"
        self.scratch.mkdir(parents=True, exist_ok=True)
        failures, reports = os.pipe()
        self._failures = os.fdopen(failures, encoding="utf-8")
        self.records, records = Pipe()
        """The connection for records, which come once anything is sent."""
        with self.log.open("wb") as log, os.fdopen(reports, "wb"), records:
            self._process = subprocess.Popen(
                python_module("emulator"),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={
                    **environment(port, self.scratch, region),
                    **({} if kept is None else keeping(kept)),
                    PLAIN_PORT: str(self.plain_port),
                    REPORTS: str(reports),
                    RECORDS: str(records.fileno()),
                    DEBUGGED: debugged or "",
                    PROJECT: str(root),
                },
                pass_fds=[reports, records.fileno()],
                cwd=FOLDER,
                # A separate process group: Ctrl-C reaches only this process, and workers are killed with the group.
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait for an unexpected end of the process, then raise `UserError`."""
        code = self._process.wait()
        raise UserError(f"the emulator exited with code {code}; see {self.log}")

    def wait_until_ready(self) -> None:
        """Wait until the port accepts connections. Raises `UserError` if the emulator does not start."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection((HOST, self._port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise UserError(f"the emulator did not start; see {self.log}")

    def debug(self) -> None:
        """Let the calls of the debugged function wait for a debugger."""
        (self.scratch / DEBUGGING).touch()

    def failures(self) -> Iterator[dict[str, str]]:
        """The failures of functions as they happen (`emulator_patches.failures.Failure`), until the process ends."""
        yield from map(json.loads, self._failures)

    def stop(self) -> None:
        """Stop the process and its child processes."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            self._process.terminate()
        end_group(self._process.pid)
        self._process.wait(STOP_SECONDS)
        self._failures.close()
        self.records.close()


def environment(port: int, scratch: Path, region: str) -> dict[str, str]:
    """The emulator's environment variables. It needs none of the user's but the path to Node.js, which runs CloudFront
    functions, and its own settings for the hosts of live updates, with which tests put something before them."""
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name.startswith("APPSYNC_EVENTS_") or name == ACCESS_LOG
        },
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": region,
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        "S3_DATA_DIR": str(scratch / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(scratch / "state"),
        "TMPDIR": str(scratch),
    }


def keeping(folder: Path) -> dict[str, str]:
    """The variables with which the emulator keeps its state in a folder."""
    return {
        "PERSIST_STATE": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "1",
        "STATE_DIR": str(folder / STATE),
    }


if __name__ == "__main__":
    from .emulator_process import serve

    asyncio.run(serve())
