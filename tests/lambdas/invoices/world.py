"""The invoice services with fake dependencies: store, payments, mail, photos and clock."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lambdas.invoices.ledger import Entry, Head, verify
from lambdas.invoices.links import digest
from lambdas.invoices.mail import Message, NotMailed
from lambdas.invoices.models import InvoiceStatus, NewInvoice, StoredInvoice
from lambdas.invoices.paying import Paying, Withdrawing
from lambdas.invoices.sending import Sending
from lambdas.invoices.service import Invoices
from lambdas.invoices.writing import Writer
from lambdas.runtime.caller import Caller
from lambdas.runtime.tables import Page
from tests.lambdas.builders import ANN, NOON
from tests.lambdas.fakes import FakeClock, FakePayments

BASE = "https://cafe.example/dev/pay/"
PHOTO = "018bcfe56800-0123456789abcdef0123"
"""The ID of a photo that belongs to ann."""


def an_invoice(id: str = "018bcfe56800-00000000000000000001", user: str = "ann", **fields: Any) -> StoredInvoice:
    """An invoice, by default a draft over 42 euros."""
    fields = {
        "description": "Two cakes",
        "amount": 4200,
        "currency": "EUR",
        "status": InvoiceStatus.DRAFT,
        "created_at": NOON,
        "updated_at": NOON,
        **fields,
    }
    return StoredInvoice(id=id, user_id=user, **fields)


def a_body(**fields: Any) -> NewInvoice:
    return NewInvoice(**{"description": "Two cakes", "amount": 4200, "currency": "EUR", **fields})


class FakeInvoices:
    """A `Store` in dicts. `test_store.py` checks that it behaves like the real one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.invoices: dict[tuple[str, str], StoredInvoice] = {}
        self.chains: dict[str, list[Entry]] = {}
        self.open: dict[str, int] = {}

    def get(self, user: str, id: str) -> StoredInvoice | None:
        return self.invoices.get((user, id))

    def find(self, id: str) -> StoredInvoice | None:
        return next((invoice for invoice in self.all() if invoice.id == id), None)

    def by_link(self, digest: str) -> StoredInvoice | None:
        return next((invoice for invoice in self.all() if invoice.link == digest), None)

    def page(self, user: str | None, status: InvoiceStatus | None, limit: int, after: str | None) -> Page:
        found = [
            invoice
            for invoice in sorted(self.all(), key=lambda each: each.id, reverse=True)
            if user in (None, invoice.user_id)
            and status in (None, invoice.status)
            and (after is None or invoice.id < after)
        ]
        page = found[:limit]
        return Page(page, page[-1].id if len(found) > limit else None)

    def head(self, user: str) -> Head:
        chain = self.chains.get(user)
        return Head(chain[-1].sequence, chain[-1].hash, self.open.get(user, 0)) if chain else Head()

    def entries(self, invoice_id: str, limit: int, after: int) -> list[Entry]:
        everything = [entry for chain in self.chains.values() for entry in chain]
        return [e for e in everything if e.invoice_id == invoice_id and e.sequence > after][:limit]

    def commit(
        self, before: StoredInvoice | None, after: StoredInvoice | None, entry: Entry, open_invoices: int = 0
    ) -> bool:
        invoice = before or after
        assert invoice is not None
        key = (invoice.user_id, invoice.id)
        with self._lock:
            stored = self.invoices.get(key)
            if (stored and stored.entry) != (before and before.entry) or self.head(
                entry.user_id
            ).hash != entry.previous:
                return False
            if after is None:
                del self.invoices[key]
            else:
                self.invoices[key] = after
            self.chains.setdefault(entry.user_id, []).append(entry)
            self.open[entry.user_id] = open_invoices
            return True

    def all(self) -> list[StoredInvoice]:
        return list(self.invoices.values())

    def chain(self, user: str = "ann") -> list[Entry]:
        return self.chains.get(user, [])

    def is_consistent(self, user: str = "ann") -> bool:
        return verify(self.chain(user), self.head(user)) is None


@dataclass
class FakeMail:
    """Records sent messages. If `problem` is set, sending fails."""

    problem: str = ""
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.problem:
            raise NotMailed(self.problem)
        self.sent.append(message)


@dataclass
class FakePhotos:
    """The owners and IDs of photos."""

    photos: Iterable[tuple[str, str]] = (("ann", PHOTO),)

    def has_photo(self, user: str, id: str) -> bool:
        return (user, id) in self.photos


class World:
    """All invoice services on one store."""

    def __init__(self, store: Any = None) -> None:
        self.store = FakeInvoices() if store is None else store
        self.payments, self.mail, self.photos, self.clock = FakePayments(), FakeMail(), FakePhotos(), FakeClock()
        self.pauses: list[float] = []
        self.mails: dict[tuple[str, int], int] = {}
        writer = Writer(self.store, self.pauses.append)
        self.invoices = Invoices(self.store, self.photos.has_photo, writer, self.clock)
        self.sending = Sending(self.invoices, writer, self.mail, BASE, self.may_mail, self.clock)
        self.paying = Paying(self.store, self.payments, writer, self.clock)
        self.withdrawing = Withdrawing(self.invoices, self.payments, writer, self.clock)

    def may_mail(self, user: str, day: int, limit: int) -> bool:
        self.mails[user, day] = self.mails.get((user, day), 0) + 1
        return self.mails[user, day] <= limit

    def draft(self, caller: Caller = ANN, **fields: Any) -> StoredInvoice:
        self.clock.pass_ms(1000)
        return self.invoices.create(caller, a_body(**fields))

    def sent(self, caller: Caller = ANN, **fields: Any) -> tuple[StoredInvoice, str]:
        """Send a new invoice. Returns the invoice and its link's token."""
        sent = self.sending.send(caller, self.draft(caller, **fields).id)
        token = sent.link.removeprefix(BASE)
        assert sent.invoice.link == digest(token)
        return sent.invoice, token

    def kinds(self, user: str = "ann") -> list[str]:
        return [str(entry.kind) for entry in self.store.chain(user)]
