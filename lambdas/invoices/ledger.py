"""The ledger: what became of a payee's invoices, in a chain of entries that nothing can be taken out of unseen.

Each entry holds the hash of the one before it, and a head beside the ledger the number and hash of the last. Whoever
changes, removes or adds an entry has to make all later ones anew and the head as well.
"""

import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec import Struct

from lambdas.invoices.models import StoredInvoice

NO_HASH = "0" * 64
"""What the first entry has for the hash of the one before it."""


class EntryKind(StrEnum):
    """What became of an invoice. The balance changes with `sent` (the amount is owed), `paid` (it is not owed any more,
    and has come in) and `voided` (it is not owed any more)."""

    CREATED = "created"
    CHANGED = "changed"
    SENT = "sent"
    PAID = "paid"
    VOIDED = "voided"
    DELETED = "deleted"
    """A draft that is no more: nobody has ever owed it."""


class Head(NamedTuple):
    """The last entry of a chain: its number, from 1, and its hash."""

    sequence: int = 0
    hash: str = NO_HASH


class Entry(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One change of one invoice. `at` is in ms; `amount` (minor units) and `currency` are the invoice's after the
    change, and `state` is the hash of all of it; `by` is who changed it, `payer` for whoever holds the link."""

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
    """The hash of the entry before this one."""
    hash: str = ""
    """SHA-256 of all other fields as JSON with sorted names and no white space, in hex."""


class Balance(NamedTuple):
    """What a payee is owed and what has come in, in minor units of one currency."""

    owed: int = 0
    received: int = 0


class BrokenEntry(NamedTuple):
    """The first entry that does not fit into its chain, by the number that it has or should have, and why."""

    sequence: int
    reason: str


def digest_of(fields: object) -> str:
    """SHA-256 of something's canonical JSON, in hex."""
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def state_of(invoice: StoredInvoice) -> str:
    """The hash of an invoice, by which an entry knows it: the ledger keeps nobody's address for ever."""
    return digest_of(invoice.public())


def next_entry(head: Head, kind: EntryKind, invoice: StoredInvoice, by: str) -> Entry:
    """The entry that follows a head: for an invoice as it is after the change, or was before it was deleted."""
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
    """The hash that an entry has to have."""
    fields = msgspec.to_builtins(entry)
    del fields["hash"]
    return digest_of(fields)


def verify(entries: Iterable[Entry], head: Head) -> BrokenEntry | None:
    """The first entry of a payee's chain that does not fit, if any: `entries` are all there are, in their order."""
    last = Head()
    for entry in entries:
        number = last.sequence + 1
        if entry.sequence != number:
            return BrokenEntry(number, f"entry {entry.sequence} stands in its place")
        if entry.hash != hash_of(entry):
            return BrokenEntry(number, "its content is not what its hash says")
        if entry.previous != last.hash:
            return BrokenEntry(number, "it does not follow the entry before it")
        if number > head.sequence:
            return BrokenEntry(number, f"the chain ends with entry {head.sequence}")
        last = Head(number, entry.hash)
    if last.sequence < head.sequence:
        return BrokenEntry(last.sequence + 1, "it is missing")
    if last.hash != head.hash:
        return BrokenEntry(last.sequence, "it is not the entry that the chain ends with")
    return None


def unaccounted(entries: Sequence[Entry], invoices: Iterable[StoredInvoice]) -> BrokenEntry | None:
    """An invoice that is not what the entry says that made it so; `entries` are a whole chain that fits."""
    for invoice in invoices:
        entry = entries[invoice.entry - 1] if 0 < invoice.entry <= len(entries) else None
        if entry is None or (entry.invoice_id, entry.state) != (invoice.id, state_of(invoice)):
            return BrokenEntry(invoice.entry, f"the invoice {invoice.id} is not what it says")
    return None


def balances(entries: Iterable[Entry]) -> dict[str, Balance]:
    """A payee's balance in each currency, from all entries of the chain."""
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
