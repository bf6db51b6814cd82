"""A running emulator, and the whole café on it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from local.aws import Aws
from local.emulator import Emulator, free_port
from local.project import Project
from local.seed import PASSWORD, api_client

ROOT = Path(__file__).parent.parent.parent


def local(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `python -m local` to its end."""
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, **options)


def group_is_alive(leader: int) -> bool:
    """Whether anything is left of a process group."""
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def write_program(root: Path, source: str, **config: str) -> Project:
    """A program of a few lines, in a project of its own."""
    (root / "__main__.py").write_text(source)
    return Project(root, "tiny", "test", {"aws:region": "us-east-1", **config})


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    running = Emulator(free_port(), tmp_path_factory.mktemp("emulator"), "us-east-1")
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def aws(emulator):
    return Aws(emulator.endpoint, "us-east-1")


class Cafe(NamedTuple):
    """The running café: its home, its outputs, and a client of its API for anybody."""

    home: Path
    outputs: dict[str, str]
    port: int
    api: httpx.Client
    aws: Aws

    def sign_in(self, name: str) -> dict[str, str]:
        """The header that goes with every request of `ann`, `bob` or `sam`."""
        answer = self.api.post("authenticate", json={"username": f"{name}@example.com", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture(scope="session")
def cafe(tmp_path_factory):
    import json

    home = tmp_path_factory.mktemp("cafe")
    started = local("up", "--detach", "--home", str(home))
    try:
        assert started.returncode == 0, started.stderr
        outputs = json.loads(local("output", "--json", "--home", str(home)).stdout)
        port = urlsplit(outputs["apiUrl"]).port
        with api_client(outputs["apiUrl"], port) as api:
            yield Cafe(home, outputs, port, api, Aws(f"http://localhost:{port}", "us-east-1"))
    finally:
        assert local("down", "--home", str(home)).returncode == 0
