"""The ledger: the history of each payee's invoices, as a tamper-evident hash chain.

Each entry holds the hash of the previous entry. A separate head holds the number and hash of the last entry. To change,
remove or insert an entry unnoticed, an attacker would have to rewrite all later entries and the head.
"""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec import Struct

from lambdas.invoices.models import StoredInvoice

NO_HASH = "0" * 64
"""The previous hash in the first entry."""


class EntryKind(StrEnum):
    """The kind of change. Three kinds change the balance: `sent` (the amount is owed), `paid` (it is received and no
    longer owed) and `voided` (it is no longer owed)."""

    CREATED = "created"
    CHANGED = "changed"
    SENT = "sent"
    PAID = "paid"
    VOIDED = "voided"
    DELETED = "deleted"
    """A draft was deleted. Its amount was never owed."""


class Head(NamedTuple):
    """The last entry of a chain: its number, from 1, and its hash; and how many of the payee's invoices are open."""

    sequence: int = 0
    hash: str = NO_HASH
    open: int = 0


OPENS = {EntryKind.CREATED: 1, EntryKind.PAID: -1, EntryKind.VOIDED: -1, EntryKind.DELETED: -1}
"""By how many an entry changes the number of open invoices: the drafts and those that were sent and not paid."""


class Entry(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One change of one invoice. `at` is in ms. `amount` (minor units) and `currency` are those after the change, and
    `state` is the hash of the whole invoice. `by` is the user who changed it, or `payer`."""

    user_id: str
    sequence: int
    invoice_id: str
    kind: EntryKind
    amount: int
    currency: str
    state: str
    at: int
    by: str
    previous: str
    """The hash of the previous entry."""
    hash: str = ""
    """SHA-256, in hex, of all other fields as JSON with sorted names and no whitespace."""


class Balance(NamedTuple):
    """The amounts that a payee is owed and has received, in minor units of one currency."""

    owed: int = 0
    received: int = 0


class BrokenEntry(NamedTuple):
    """The first invalid entry of a chain: the number that it has or should have, and why it is invalid."""

    sequence: int
    reason: str


def digest_of(fields: object) -> str:
    """SHA-256, in hex, of the value's canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def state_of(invoice: StoredInvoice) -> str:
    """The hash of an invoice. Entries hold it instead of the invoice, so the ledger keeps no email address forever."""
    return digest_of(invoice.public())


def next_entry(head: Head, kind: EntryKind, invoice: StoredInvoice, by: str) -> Entry:
    """The entry after `head`, for an invoice as it is after the change, or as it was before its deletion."""
    entry = Entry(
        user_id=invoice.user_id,
        sequence=head.sequence + 1,
        invoice_id=invoice.id,
        kind=kind,
        amount=invoice.amount,
        currency=invoice.currency,
        state=state_of(invoice),
        at=invoice.updated_at,
        by=by,
        previous=head.hash,
    )
    return msgspec.structs.replace(entry, hash=hash_of(entry))


def hash_of(entry: Entry) -> str:
    """The hash that an entry must have."""
    fields = msgspec.to_builtins(entry)
    del fields["hash"]
    return digest_of(fields)


def verify(entries: Iterable[Entry], head: Head) -> BrokenEntry | None:
    """The first invalid entry of a payee's chain, or `None`. `entries` is the whole chain, in order."""
    last = Head()
    for entry in entries:
        number = last.sequence + 1
        if entry.sequence != number:
            return BrokenEntry(number, f"found entry {entry.sequence} instead")
        if entry.hash != hash_of(entry):
            return BrokenEntry(number, "its content does not match its hash")
        if entry.previous != last.hash:
            return BrokenEntry(number, "it does not follow the previous entry")
        if number > head.sequence:
            return BrokenEntry(number, f"the chain ends with entry {head.sequence}")
        last = Head(number, entry.hash)
    if last.sequence < head.sequence:
        return BrokenEntry(last.sequence + 1, "it is missing")
    if last.hash != head.hash:
        return BrokenEntry(last.sequence, "its hash does not match the chain's head")
    return None


def find_mismatch(entries: Sequence[Entry], invoices: Iterable[StoredInvoice]) -> BrokenEntry | None:
    """The last entry of the first invoice that does not match it, or `None`. `entries` is a valid chain."""
    for invoice in invoices:
        entry = entries[invoice.entry - 1] if 0 < invoice.entry <= len(entries) else None
        if entry is None or (entry.invoice_id, entry.state) != (invoice.id, state_of(invoice)):
            return BrokenEntry(invoice.entry, f"invoice {invoice.id} does not match it")
    return None


def balances(entries: Iterable[Entry]) -> dict[str, Balance]:
    """A payee's balance in each currency, computed from the whole chain."""
    found: dict[str, Balance] = {}
    for entry in entries:
        owed, received = found.get(entry.currency, Balance())
        if entry.kind is EntryKind.SENT:
            owed += entry.amount
        elif entry.kind in (EntryKind.PAID, EntryKind.VOIDED):
            owed -= entry.amount
        if entry.kind is EntryKind.PAID:
            received += entry.amount
        found[entry.currency] = Balance(owed, received)
    return found
