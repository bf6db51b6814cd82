"""A run gets records only when somebody wants them."""

import json
import threading
import time
from multiprocessing import Pipe
from types import SimpleNamespace

import pytest

from local import recording as module
from local.errors import UserError
from local.recorder.raw import Kind, encode
from local.recorder.recordings import RecordFile
from local.recording import Recording
from tests.local.recorder.records import raw


@pytest.fixture
def emulator():
    here, there = Pipe()
    yield SimpleNamespace(records=here, other=there)
    there.close()


def send(emulator, *numbers, pause=0.0):
    for number in numbers:
        time.sleep(pause)
        emulator.other.send_bytes(encode(raw(number, Kind.INVOCATION, "a.handler", "{}", ids=[f"request-{number}"])))


def test_nothing_is_asked_of_the_emulator_until_then(emulator):
    console = Recording(None, emulator)
    assert not emulator.other.poll(0.2)
    threading.Thread(target=send, args=(emulator, 1), kwargs={"pause": 0.2}).start()
    assert console.answer({"request": "replay", "id": "request-1"}) == {"function": "a", "event": {}, "lost": 0}
    assert emulator.other.recv_bytes() == b"start"
    console.answer({"request": "replay", "id": "1"})
    assert not emulator.other.poll(0.2)  # asked once


def test_an_unknown_record_is_told_after_a_moment(emulator, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    with pytest.raises(UserError, match="there is no record 7"):
        Recording(None, emulator).answer({"request": "replay", "id": "7"})


def test_the_last_records_are_written_before_the_end(emulator, tmp_path):
    console = Recording(None, emulator, RecordFile(tmp_path / "records"))
    threading.Thread(target=send, args=(emulator, *range(1, 11)), kwargs={"pause": 0.05}).start()
    console.finish()
    lines = (tmp_path / "records").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [*range(1, 11)]


def test_a_file_that_is_full_stops_nothing_else(emulator, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("local.recorder.recordings.FILE_BYTES", 10)
    console = Recording(None, emulator, RecordFile(tmp_path / "records"))
    send(emulator, 1, 2)
    assert console.answer({"request": "replay", "id": "2"})["function"] == "a"
    assert capsys.readouterr().err.count("nothing more is written to it") == 1


def test_without_a_file_the_end_waits_for_nothing(emulator):
    began = time.monotonic()
    Recording(None, emulator).finish()
    assert time.monotonic() - began < 0.1
