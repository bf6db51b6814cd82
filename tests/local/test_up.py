"""`up` and `down` with real processes: nothing is left afterwards."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from local.emulator import free_port
from local.emulator_client import Aws
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually, local

pytestmark = pytest.mark.long

SMALL = """
import pulumi
import pulumi_aws as aws
pulumi.export("url", aws.sqs.Queue("q").url)
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes_of(home):
    """The processes whose command line or environment contains this home."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/cmdline", "rb") as command:
                if str(home).encode() in environ.read() + command.read():
                    found.append(int(pid))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def assert_nothing_runs(home):
    # Killed processes remain until the system has cleaned them up.
    eventually(lambda: processes_of(home) == [])


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    yield home
    for pid in processes_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def start(home, *options, root=ROOT):
    command = [sys.executable, "-m", "local", "up", "--home", str(home), *options]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("moment", ["while the emulator starts", "while resources are created"])
def test_a_signal_during_up_leaves_nothing(home, number, moment):
    port = free_port()
    with start(home, "--port", str(port)) as running:
        if moment == "while the emulator starts":
            eventually(lambda: (home / "pid").exists())
        else:
            functions = Aws(f"http://localhost:{port}", "us-east-1").client("lambda")
            eventually(lambda: listens(port))
            eventually(lambda: functions.list_functions()["Functions"])

        running.send_signal(number)

        output, _ = running.communicate(timeout=TIMEOUT_SECONDS)
    assert running.returncode == 130
    assert "Traceback" not in output
    assert not listens(port)
    assert_nothing_runs(home)
    assert not (home / "pid").exists()


def test_detach_reports_an_error_and_leaves_nothing(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        failed = local("up", "--detach", "--home", str(home), "--port", str(port))

    assert failed.returncode == 1
    assert failed.stderr == f"port {port} cannot be used: Address already in use; choose another or omit --port\n"
    assert_nothing_runs(home)


@pytest.fixture
def broken(tmp_path):
    """A project whose program raises after its resources have been created."""
    root = tmp_path / "project"
    root.mkdir()
    for package in ("local", "ops"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Pulumi.yaml", "Pulumi.local.yaml"):
        shutil.copy(ROOT / name, root)
    (root / "__main__.py").write_text(
        "import pulumi_aws as aws\n"
        "def taste(url):\n    raise ValueError('too hot')\n"
        "aws.sqs.Queue('q').url.apply(taste)\n"
    )
    return root


@pytest.mark.parametrize("options", [[], ["--detach"]], ids=["in the foreground", "detached"])
def test_a_failing_program_stops_the_run_with_its_own_traceback(home, broken, options):
    with start(home, *options, root=broken) as running:
        output, _ = running.communicate(timeout=TIMEOUT_SECONDS)

    assert running.returncode == 1
    assert "ValueError: too hot" in output
    assert_nothing_runs(home)


def test_down_stops_everything(home):
    assert local("up", "--detach", "--home", str(home)).returncode == 0
    port = urlsplit(json.loads((home / "outputs.json").read_text())["apiUrl"]).port
    assert listens(port)

    assert local("down", "--home", str(home)).returncode == 0

    assert not listens(port)
    assert_nothing_runs(home)
    assert sorted(path.name for path in home.iterdir()) == ["emulator.log", "lock", "up.log"]
