"""Paying an invoice, and withdrawing one: of the two only one can happen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import structs

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.links import digest
from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.invoices.service import MISSING, Invoices, there
from lambdas.invoices.store import Store
from lambdas.invoices.writing import Change, Writer
from lambdas.payments.errors import ProviderUnavailable
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import now_ms

if TYPE_CHECKING:
    from lambdas.orders.workflow import Payments

PAYER = "payer"
"""Whoever holds the link, in the ledger: nobody knows more of them."""


def payment_key(invoice: StoredInvoice) -> str:
    """The key under which the payment provider takes the money for an invoice, once."""
    return f"invoice/{invoice.user_id}/{invoice.id}"


class Paying:
    """What whoever holds a payer's link does with it."""

    def __init__(self, store: Store, payments: "Payments", writer: Writer, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._payments = payments
        self._writer = writer
        self._now = now

    def look(self, token: str) -> StoredInvoice:
        """The invoice behind a link. Raises `Refusal`: `missing`, or `conflict` when it has been withdrawn."""
        invoice = there(self._store.by_link(digest(token)))
        check_stands(invoice)
        return invoice

    def pay(self, token: str, method: str) -> StoredInvoice:
        """Pay the invoice, or find it paid. The money is taken first, under the invoice's own key: whoever asks again
        pays nothing, and when the invoice is withdrawn in the meantime it is given back."""
        invoice = self.look(token)
        if invoice.status is InvoiceStatus.PAID:
            return invoice
        try:
            taken = self._payments.charge(payment_key(invoice), invoice.amount)
        except ProviderUnavailable:
            raise Refusal("throttled", "The payment provider does not answer. Try again in a moment.") from None
        if not taken:
            self.look(token)  # where it has been withdrawn, that is the reason
            raise Refusal("conflict", "The payment was declined.")

        def decide(before: StoredInvoice | None) -> Change | None:
            sent = there(before)
            check_stands(sent)
            if sent.status is InvoiceStatus.PAID:
                return None
            now = self._now()
            paid = structs.replace(sent, status=InvoiceStatus.PAID, method=method, paid_at=now, updated_at=now)
            return Change(EntryKind.PAID, paid)

        try:
            return there(self._writer.write(invoice.user_id, invoice.id, PAYER, decide))
        except Refusal as refusal:
            if refusal.reason == "conflict":
                self._payments.refund(payment_key(invoice))
            raise


class Withdrawing:
    """What a payee does with an invoice that nobody is to pay."""

    def __init__(
        self, invoices: Invoices, payments: "Payments", writer: Writer, now: Callable[[], int] = now_ms
    ) -> None:
        self._invoices = invoices
        self._payments = payments
        self._writer = writer
        self._now = now

    def withdraw(self, caller: Caller, id: str) -> StoredInvoice | None:
        """Remove a draft (`None`), or make a sent invoice void, again and again if need be. A paid one stays.

        The payment is called off afterwards, and what was taken for it on its way is given back.
        """

        def decide(before: StoredInvoice | None) -> Change | None:
            invoice = there(before)
            now = self._now()
            if invoice.status is InvoiceStatus.PAID:
                raise Refusal("conflict", "The invoice is `paid`; only a `draft` or a `sent` one can be withdrawn.")
            if invoice.status is InvoiceStatus.VOID:
                return None
            if invoice.status is InvoiceStatus.DRAFT:
                return Change(EntryKind.DELETED, structs.replace(invoice, updated_at=now))
            void = structs.replace(invoice, status=InvoiceStatus.VOID, voided_at=now, updated_at=now)
            return Change(EntryKind.VOIDED, void)

        user = self._invoices.own(caller, id).user_id
        invoice = self._writer.write(user, id, caller.name, decide)
        if invoice is not None:
            self._payments.refund(payment_key(invoice))
        return invoice


def check_stands(invoice: StoredInvoice) -> None:
    """Refuse an invoice that nobody is asked to pay. A draft has no link that anybody could have."""
    if invoice.status is InvoiceStatus.DRAFT:
        raise Refusal("missing", MISSING)
    if invoice.status is InvoiceStatus.VOID:
        raise Refusal("conflict", "This invoice has been withdrawn.")
