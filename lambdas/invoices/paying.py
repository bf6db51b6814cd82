"""Paying an invoice and withdrawing one. They exclude each other."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import structs

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.links import digest
from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.invoices.service import MISSING, Invoices, require
from lambdas.invoices.store import Store
from lambdas.invoices.writing import Change, Writer
from lambdas.payments.errors import ProviderUnavailable
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import now_ms

if TYPE_CHECKING:
    from lambdas.orders.workflow import Payments

PAYER = "payer"
"""The payer's name in the ledger. The café knows only that they have the link."""


def payment_key(invoice: StoredInvoice) -> str:
    """The payment provider's idempotency key for an invoice."""
    return f"invoice/{invoice.user_id}/{invoice.id}"


class Paying:
    """The use cases of a payment link."""

    def __init__(self, store: Store, payments: "Payments", writer: Writer, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._payments = payments
        self._writer = writer
        self._now = now

    def get(self, token: str) -> StoredInvoice:
        """The invoice behind a link. Raises `Refusal`: `missing`, or `conflict` if it has been withdrawn."""
        invoice = require(self._store.by_link(digest(token)))
        check_payable(invoice)
        return invoice

    def pay(self, token: str, method: str) -> StoredInvoice:
        """Pay the invoice, unless it is paid. The charge comes first, with the invoice's own key: a repeated request
        charges nothing, and if the invoice is withdrawn in the meantime, the charge is refunded."""
        invoice = self.get(token)
        if invoice.status is InvoiceStatus.PAID:
            return invoice
        try:
            taken = self._payments.charge(payment_key(invoice), invoice.amount)
        except ProviderUnavailable:
            raise Refusal("unavailable", "The payment provider does not respond. Try again in a moment.") from None
        if not taken:
            self.get(token)  # if it has been withdrawn, report that instead
            raise Refusal("conflict", "The payment was declined.")

        def decide(before: StoredInvoice | None) -> Change | None:
            sent = require(before)
            check_payable(sent)
            if sent.status is InvoiceStatus.PAID:
                return None
            now = self._now()
            paid = structs.replace(sent, status=InvoiceStatus.PAID, method=method, paid_at=now, updated_at=now)
            return Change(EntryKind.PAID, paid)

        try:
            return require(self._writer.write(invoice.user_id, invoice.id, PAYER, decide))
        except Refusal as refusal:
            if refusal.reason == "conflict":
                self._payments.refund(payment_key(invoice))
            raise


class Withdrawing:
    """The use case of withdrawing an invoice."""

    def __init__(
        self, invoices: Invoices, payments: "Payments", writer: Writer, now: Callable[[], int] = now_ms
    ) -> None:
        self._invoices = invoices
        self._payments = payments
        self._writer = writer
        self._now = now

    def withdraw(self, caller: Caller, id: str) -> StoredInvoice | None:
        """Delete a draft and return `None`, or void a sent invoice. Repeating it is safe. A paid invoice is refused.

        Afterwards the payment is voided, or refunded if it was charged in the meantime.
        """

        def decide(before: StoredInvoice | None) -> Change | None:
            invoice = require(before)
            now = self._now()
            if invoice.status is InvoiceStatus.PAID:
                raise Refusal("conflict", "The invoice is `paid`; only a `draft` or a `sent` one can be withdrawn.")
            if invoice.status is InvoiceStatus.VOID:
                return None
            if invoice.status is InvoiceStatus.DRAFT:
                return Change(EntryKind.DELETED, structs.replace(invoice, updated_at=now))
            void = structs.replace(invoice, status=InvoiceStatus.VOID, voided_at=now, updated_at=now)
            return Change(EntryKind.VOIDED, void)

        user = self._invoices.get_own(caller, id).user_id
        invoice = self._writer.write(user, id, caller.name, decide)
        if invoice is not None:
            self._payments.refund(payment_key(invoice))
        return invoice


def check_payable(invoice: StoredInvoice) -> None:
    """Refuse an invoice that cannot be paid. A draft has no link, so it is `missing`."""
    if invoice.status is InvoiceStatus.DRAFT:
        raise Refusal("missing", MISSING)
    if invoice.status is InvoiceStatus.VOID:
        raise Refusal("conflict", "This invoice has been withdrawn.")
