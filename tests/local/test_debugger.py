"""`up --debug`: a debugger stops a function at a breakpoint in the project's own file."""

import json
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from local.cafe.seed import api_client
from local.emulator_settings import DEBUG_PORT
from local.home import Home
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually

SOURCE = ROOT / "lambdas" / "create_order.py"


class Debugger:
    """A client of the Debug Adapter Protocol, with the few messages that this test needs."""

    def __init__(self, connection):
        self._connection = connection
        self._file = connection.makefile("rb")
        self._sent = 0

    def send(self, command, **arguments):
        self._sent += 1
        message = {"seq": self._sent, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def until(self, **expected):
        """Receive messages until one has these values, and return it."""
        while True:
            length = 0
            while line := self._file.readline().strip():
                length = int(line.rpartition(b":")[2])
            message = json.loads(self._file.read(length))
            if expected.items() <= message.items():
                return message


@pytest.fixture
def cafe(tmp_path):
    """A café whose function `create_order` waits for a debugger."""
    home = Home(tmp_path / "home")
    command = [sys.executable, "-m", "local", "up", "--debug", "create_order", "--home", str(home.path)]
    with (tmp_path / "log").open("w+") as log, subprocess.Popen(command, cwd=ROOT, stderr=log) as process:
        try:
            eventually(lambda: home.is_ready() or process.poll() is not None)
            assert process.poll() is None, (tmp_path / "log").read_text()
            outputs = home.outputs()
            with api_client(outputs["apiUrl"], urlsplit(outputs["apiUrl"]).port) as api:
                api.timeout = TIMEOUT_SECONDS
                yield api
            assert (
                f"Calls of create_order wait for a debugger at localhost:{DEBUG_PORT}."
                in (tmp_path / "log").read_text()
            )
        finally:
            process.terminate()


@pytest.mark.long
def test_a_call_waits_for_a_debugger_and_stops_at_a_breakpoint(cafe):
    answers = []
    headers = {"Authorization": cafe.post("guests", json={}).json()["token"]}
    order = {"items": [{"name": "Espresso", "type": "coffee", "qty": 1}]}
    caller = threading.Thread(target=lambda: answers.append(cafe.post("orders", json=order, headers=headers)))
    line = 1 + next(n for n, text in enumerate(SOURCE.read_text().splitlines()) if "request." in text)

    caller.start()
    connection = eventually(connected)
    with connection:
        debugger = Debugger(connection)
        debugger.send("initialize", adapterID="test")
        debugger.until(type="response", command="initialize")
        debugger.send("attach", justMyCode=False)
        debugger.until(type="event", event="initialized")
        debugger.send("setBreakpoints", source={"path": str(SOURCE)}, breakpoints=[{"line": line}])
        debugger.send("configurationDone")
        stopped = debugger.until(type="event", event="stopped")["body"]
        debugger.send("stackTrace", threadId=stopped["threadId"])
        frame = debugger.until(type="response", command="stackTrace")["body"]["stackFrames"][0]
        assert (frame["source"]["path"], frame["line"]) == (str(SOURCE), line)
        assert answers == []
        debugger.send("disconnect", terminateDebuggee=False)
        caller.join(TIMEOUT_SECONDS)

    assert answers[0].status_code == 201


def connected():
    try:
        return socket.create_connection(("127.0.0.1", DEBUG_PORT), timeout=TIMEOUT_SECONDS)
    except ConnectionRefusedError:
        return None


@pytest.mark.long
def test_an_unknown_function_is_refused(tmp_path):
    command = [sys.executable, "-m", "local", "up", "--debug", "nothing", "--home", str(tmp_path)]

    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)

    assert refused.returncode == 1
    assert "unknown function 'nothing'; available: accept_order, " in refused.stderr
