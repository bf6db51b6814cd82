import pytest

from lambdas import anchor_ledger
from lambdas.invoices.anchor import Anchor
from lambdas.invoices.ledger import BrokenEntry, EntryKind, Head, next_entry
from lambdas.invoices.table import to_item
from ops.ledger_copy import LedgerCopy, compare
from tests.lambdas.builders import failures, stream_event
from tests.lambdas.conftest import REGION
from tests.lambdas.invoices.world import an_invoice


def chain(length, user="ann"):
    entries = []
    for _ in range(length):
        head = Head(entries[-1].sequence, entries[-1].hash) if entries else Head()
        entries.append(next_entry(head, EntryKind.CREATED, an_invoice(user=user), user))
    return entries


@pytest.fixture
def anchor(aws, clients):
    clients["s3"].create_bucket(Bucket="anchor", CreateBucketConfiguration={"LocationConstraint": REGION})
    return Anchor("anchor", clients["s3"])


@pytest.fixture
def copy(anchor, clients):
    return LedgerCopy("anchor", clients["s3"])


@pytest.fixture
def deliver(anchor, context, monkeypatch):
    def run(*changes):
        monkeypatch.setattr(anchor_ledger, "anchor", lambda: anchor)
        records = [
            {
                "eventID": str(number),
                "dynamodb": {"Keys": {}, "SequenceNumber": str(number), **change},
            }
            for number, change in enumerate(changes)
        ]
        return anchor_ledger.handler(stream_event(*records), context)

    return run


def added(entry):
    return {"NewImage": to_item(entry)}


def test_every_entry_is_copied_once(deliver, copy):
    entries = chain(3)

    assert deliver(*map(added, entries), added(entries[0])) == failures()
    assert copy.hashes("ann") == {entry.sequence: {entry.hash} for entry in entries}
    assert copy.users() == ["ann"]
    assert compare(entries, copy.hashes("ann")) is None


def test_an_overwritten_entry_is_counted_and_its_first_copy_stays(deliver, copy, logs):
    entry = chain(1)[0]
    forged = next_entry(Head(), EntryKind.CREATED, an_invoice(amount=1), "ann")
    deliver(added(entry))

    assert deliver({"OldImage": to_item(entry), "NewImage": to_item(forged)}) == failures()
    assert copy.hashes("ann") == {1: {entry.hash, forged.hash}}
    assert compare([forged], copy.hashes("ann")) == BrokenEntry(1, "its copy has another hash")
    assert logs.counts()["LedgerChanges"] == 1


def test_a_removed_entry_is_counted_and_its_copy_stays(deliver, copy, logs):
    entry = chain(1)[0]
    deliver(added(entry))

    assert deliver({"OldImage": to_item(entry)}) == failures()
    assert compare([], copy.hashes("ann")) == BrokenEntry(1, "it is missing, but its copy is not")
    assert logs.counts()["LedgerChanges"] == 1


def test_payees_are_separate(deliver, copy):
    names = ["ann", "ann/b", "ann%2Fb", "é 抒"]
    deliver(*(added(chain(1, name)[0]) for name in names))

    assert sorted(copy.users()) == sorted(names)
    assert [len(copy.hashes(name)) for name in names] == [1, 1, 1, 1]


def test_a_failed_copy_is_retried(deliver, anchor, monkeypatch):
    monkeypatch.setattr(anchor, "keep", lambda entry: 1 / 0)

    assert deliver(added(chain(1)[0])) == failures("0")
