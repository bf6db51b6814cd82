"""The hash chain: valid chains, and where the verification detects changes."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.invoices.ledger import (
    Balance,
    BrokenEntry,
    Entry,
    EntryKind,
    Head,
    balances,
    find_mismatch,
    hash_of,
    next_entry,
    verify,
)
from tests.lambdas.invoices.world import an_invoice

replace = msgspec.structs.replace


def a_chain(length=6):
    entries, head = [], Head()
    for n in range(length):
        kind = list(EntryKind)[n % len(EntryKind)]
        entries.append(next_entry(head, kind, an_invoice(amount=100 + n), "ann"))
        head = Head(entries[-1].sequence, entries[-1].hash)
    return entries, head


def broken_at(entries, head):
    found = verify(entries, head)
    return found and found.sequence


def rehashed(entry, **changes):
    changed = replace(entry, **changes)
    return replace(changed, hash=hash_of(changed))


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_an_appended_chain_is_valid(length):
    entries, head = a_chain(length)

    assert verify(entries, head) is None
    assert [entry.sequence for entry in entries] == list(range(1, length + 1))


def test_a_hash_is_the_sha_256_of_the_canonical_json():
    entry = a_chain()[0][3]
    fields = {name: value for name, value in msgspec.to_builtins(entry).items() if name != "hash"}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert entry.hash == hashlib.sha256(canonical.encode()).hexdigest()


CHANGES = {
    "user_id": "bob",
    "invoice_id": "another",
    "kind": EntryKind.VOIDED,
    "amount": 1,
    "currency": "USD",
    "state": "0" * 64,
    "at": 1,
    "by": "bob",
    "previous": "0" * 64,
    "hash": "0" * 64,
}


@pytest.mark.parametrize("place", range(1, 7))
@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_entry_is_detected(place, field):
    entries, head = a_chain()
    changed = replace(entries[place - 1], **{field: CHANGES[field]})
    if changed == entries[place - 1]:
        return
    entries[place - 1] = changed

    assert broken_at(entries, head) == place


def test_changes_cover_every_field():
    assert {*CHANGES, "sequence"} == set(Entry.__struct_fields__)


@pytest.mark.parametrize("place", range(1, 7))
def test_a_changed_and_rehashed_entry_breaks_the_next_one(place):
    entries, head = a_chain()
    entries[place - 1] = rehashed(entries[place - 1], amount=1)

    # The head follows the last entry.
    assert broken_at(entries, head) == min(place + 1, 6)


@pytest.mark.parametrize("place", range(1, 7))
def test_a_removed_entry_is_detected(place):
    entries, head = a_chain()
    del entries[place - 1]

    assert broken_at(entries, head) == place


@pytest.mark.parametrize("kept", range(6))
def test_a_truncated_chain_is_detected(kept):
    entries, head = a_chain()

    assert verify(entries[:kept], head) == BrokenEntry(kept + 1, "it is missing")


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (5, 6), (1, 6)])
def test_swapped_entries_are_detected(one, other):
    entries, head = a_chain()
    entries[one - 1], entries[other - 1] = entries[other - 1], entries[one - 1]
    assert broken_at(entries, head) == one

    # Also with the sequence numbers corrected, because the hash covers them.
    entries = [replace(entry, sequence=n) for n, entry in enumerate(entries, 1)]
    assert broken_at(entries, head) == one


def test_an_added_entry_is_detected():
    entries, head = a_chain()
    more = next_entry(head, EntryKind.PAID, an_invoice(), "bob")

    assert broken_at([*entries, more], head) == 7
    assert broken_at([more, *entries], head) == 1


def test_a_forged_chain_does_not_match_the_head():
    entries, head = a_chain()
    forged, last = entries[:2], Head(2, entries[1].hash)
    for entry in entries[2:]:
        forged.append(rehashed(entry, amount=1, previous=last.hash))
        last = Head(forged[-1].sequence, forged[-1].hash)

    assert verify(forged, last) is None
    assert broken_at(forged, head) == 6


@given(st.permutations(range(8)), st.integers(0, 8))
def test_reordered_and_partial_chains_are_invalid(order, kept):
    entries, head = a_chain(8)
    some = [entries[n] for n in order][:kept]
    first_wrong = next((n for n, (a, b) in enumerate(zip(some, entries, strict=False), 1) if a != b), len(some) + 1)

    assert broken_at(some, head) == (None if some == entries else first_wrong)


class TestFindMismatch:
    def test_an_invoice_that_matches_its_entry(self):
        invoice = an_invoice()
        entry = next_entry(Head(), EntryKind.CREATED, invoice, "ann")

        assert find_mismatch([entry], [replace(invoice, entry=1)]) is None

    @pytest.mark.parametrize("change", [{"amount": 1}, {"description": "x"}, {"payer_email": "e@f.gh"}, {"entry": 2}])
    def test_an_invoice_that_does_not_match_its_entry(self, change):
        invoice = replace(an_invoice(), entry=1)
        entry = next_entry(Head(), EntryKind.CREATED, invoice, "ann")

        found = find_mismatch([entry], [replace(invoice, **change)])

        assert found is not None
        assert found.sequence == change.get("entry", 1)


def test_balances():
    def entry(kind, amount, currency="EUR"):
        return next_entry(Head(), kind, an_invoice(amount=amount, currency=currency), "ann")

    entries = [
        entry(EntryKind.CREATED, 1),
        entry(EntryKind.CHANGED, 2),
        *(entry(EntryKind.SENT, amount) for amount in (100, 200, 400)),
        entry(EntryKind.PAID, 100),
        entry(EntryKind.VOIDED, 200),
        entry(EntryKind.SENT, 5, "JPY"),
        entry(EntryKind.DELETED, 3, "USD"),
    ]

    assert balances(entries) == {"EUR": Balance(400, 100), "JPY": Balance(5, 0), "USD": Balance(0, 0)}
