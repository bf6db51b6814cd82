import os
import signal
import socket
import subprocess
import sys

import pytest

from local.emulator import Emulator, check_port, environment, free_port, usable
from local.errors import UserError
from tests.local.conftest import ROOT, eventually, group_is_alive

START_AND_WAIT = """
import sys, time
from pathlib import Path
from local.emulator import Emulator
emulator = Emulator(int(sys.argv[1]), Path(sys.argv[2]), "us-east-1")
emulator.wait_until_ready()
print(emulator._process.pid, flush=True)
time.sleep(60)
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_stop_ends_the_process_and_frees_the_port(tmp_path):
    port = free_port()
    emulator = Emulator(port, tmp_path, "us-east-1")
    emulator.wait_until_ready()
    assert listens(port)

    emulator.stop()

    assert not listens(port)
    assert not group_is_alive(emulator._process.pid)


def test_it_ends_when_its_parent_process_is_killed(tmp_path):
    port = free_port()
    command = [sys.executable, "-c", START_AND_WAIT, str(port), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        leader = int(starter.stdout.readline())

        os.kill(starter.pid, signal.SIGKILL)

        eventually(lambda: not group_is_alive(leader))
    assert not listens(port)


def test_a_failed_start_names_the_log(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        emulator = Emulator(taken.getsockname()[1], tmp_path, "us-east-1")
        os.killpg(emulator._process.pid, signal.SIGKILL)
        emulator._process.wait()
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            emulator._port = nobody.getsockname()[1]
            with pytest.raises(UserError, match=r"the emulator did not start; see .*emulator\.log"):
                emulator.wait_until_ready()
        emulator.stop()


def test_a_taken_port_is_refused_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UserError, match=rf"^port {port} cannot be used: Address already in use[^\n]*$"):
            check_port(port, "choose another")


def test_functions_do_not_inherit_the_users_aws_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "real")

    inherited = environment(4566, tmp_path, "eu-west-1")

    assert not {key for key in inherited if key.startswith(("AWS_", "PULUMI_"))}
    assert (inherited["AUTH"], inherited["BIND_HOST"]) == ("true", "127.0.0.1")


def test_a_port_that_is_taken_or_none_is_not_usable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert usable(taken.getsockname()[1]) is None
    assert usable(65_536) is None
    assert usable(free := free_port()) == free
