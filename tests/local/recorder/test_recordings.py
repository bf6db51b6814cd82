"""What is kept, and how records belong together."""

import json
import stat
import threading
from multiprocessing import Pipe

import pytest

from local.errors import UserError
from local.recorder import recordings as module
from local.recorder.raw import MADE, Kind, encode
from local.recorder.recordings import RecordFile, Recordings, follow
from tests.local.recorder.records import QUEUE, call, invocation, messages, raw, record


@pytest.fixture
def recordings():
    return Recordings()


def added(recordings, *records):
    for each in records:
        recordings.add(each)
    return records


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_belongs_to_the_invocation_whose_trace_it_carries(recordings, order):
    """A call ends, and is recorded, before its invocation; a call without an answer ends after it."""
    function, made = invocation(1, "accept_order", passed="Root=1"), call(2, carried="Root=1")
    for position in order:
        recordings.add((function, made)[position])
    assert recordings.parent(made) == function
    assert recordings.children(function) == [made]
    assert recordings.causes(made) == [function]


def test_an_invocation_is_caused_by_all_that_it_got(recordings):
    first, second = (record(n, Kind.MESSAGE, QUEUE, "{}", ids=[f"m{n}"]) for n in (1, 2))
    function = invocation(3, "accept_order", messages("m1", "m2", "unknown"))
    added(recordings, first, second, function)
    assert recordings.causes(function) == [first, second]


def test_a_message_that_moves_follows_itself(recordings):
    """A dead letter keeps its ID."""
    sent = record(1, Kind.MESSAGE, QUEUE, "{}", ids=["m1"])
    first = invocation(2, "accept_order", messages("m1"))
    dead = record(3, Kind.MESSAGE, f"{QUEUE}-dlq", "{}", ids=["m1"])
    again = invocation(4, "other", messages("m1"))
    added(recordings, sent, first, dead, again)
    assert [recordings.causes(it) for it in (sent, first, dead, again)] == [[], [sent], [sent], [dead]]


def test_a_record_waits_for_what_it_happened_within(recordings):
    trace = f"Root=1;{MADE}"
    made, function = call(2, carried=trace), invocation(1, "accept_order", passed=trace)
    added(recordings, made)
    assert recordings.waits(made)
    added(recordings, function)
    assert not recordings.waits(made)
    assert not recordings.waits(function)
    assert not recordings.waits(call(3, carried="a client's own"))


@pytest.mark.parametrize("id_", ["", "9" * 5000, "²", "-1", "0"])
def test_nothing_is_found_by_odd_ids(recordings, id_):
    added(recordings, call(1))
    assert recordings.find(id_) is None


def test_records_are_found_by_number_and_by_request_id(recordings):
    [function] = added(recordings, invocation(7, "accept_order", ids=["2b579975-0a35"]))
    assert recordings.find("7") == recordings.find("2b579975-0a35") == function
    assert recordings.find("8") is recordings.find("other") is None


def test_the_last_records_come_in_their_order(recordings):
    records = added(recordings, *(call(n) for n in range(1, 6)))
    assert recordings.since(3) == (5, list(records[3:]))
    assert recordings.since(5) == (5, [])
    assert recordings.since(0) == (5, recordings.all()) == (5, list(records))


def test_the_oldest_make_room(recordings, monkeypatch):
    monkeypatch.setattr(module, "MEMORY_BYTES", 100_000)
    added(recordings, *(invocation(n, "a", {"x": "y" * 10_000}, passed=f"t{n}", ids=[f"i{n}"]) for n in range(1, 50)))
    kept = recordings.all()
    assert 1 < len(kept) <= 10
    assert kept[-1].id == 49
    assert recordings.number == 49
    assert recordings.find("i1") is recordings.find("1") is None
    assert recordings.since(0) == (49, kept)


def test_what_is_kept_of_links_is_bounded_too(recordings, monkeypatch):
    monkeypatch.setattr(module, "MEMORY_BYTES", 100_000)
    added(recordings, *(call(n, request="x" * 5_000, carried=f"orphan-{n}") for n in range(1, 200)))
    assert len(recordings._orphans) < 50
    assert len(recordings._sources) < 50
    added(recordings, *(call(n, request="x" * 5_000, parent=1_000_000 + n) for n in range(200, 400)))
    assert len(recordings._children) < 50
    added(recordings, *(invocation(n, "a", {"x": "y" * 5_000}, passed=f"t{n}") for n in range(400, 600)))
    assert len(recordings._children) < 50


def test_records_come_from_another_process():
    here, there = Pipe()
    found = follow(here)
    thread = threading.Thread(target=lambda: received.extend(found), daemon=True)
    received = []
    thread.start()
    assert there.recv_bytes() == b"start"
    for number in (1, 2):
        there.send_bytes(b"not a record")
        there.send_bytes(encode(raw(number, Kind.MESSAGE, QUEUE, "{}")))
    there.close()
    thread.join(10)
    assert [each.id for each in received] == [1, 2]


def test_the_file_has_a_record_on_each_line_for_this_user_only(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_text("what was there before")
    path.chmod(0o644)
    file = RecordFile(path)
    for number in (1, 2):
        file.write(call(number, request='{"password": "secret"}'))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["id"] for line in lines] == [1, 2]
    assert "secret" not in path.read_text()


def test_the_file_has_a_largest_size(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FILE_BYTES", 5_000)
    file = RecordFile(tmp_path / "records.jsonl")

    def fill():
        for number in range(1, 100):
            file.write(call(number))

    with pytest.raises(UserError, match=r"--record .* has 5,000 bytes: nothing more is written to it"):
        fill()
    lines = (tmp_path / "records.jsonl").read_text().splitlines()
    assert 1 < len(lines) < 20
    assert json.loads(lines[-1])
    assert (tmp_path / "records.jsonl").stat().st_size <= 5_000


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UserError, match=r"--record .*/missing/x cannot be written: No such file"):
        RecordFile(tmp_path / "missing" / "x")
