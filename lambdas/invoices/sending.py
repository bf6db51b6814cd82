"""Asking for the money: a draft is sent to its payer."""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import UNSET, structs

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.links import digest, new_token
from lambdas.invoices.mail import Mail, NotMailed, message_of
from lambdas.invoices.models import InvoiceStatus, SentInvoice, StoredInvoice
from lambdas.invoices.service import Invoices, there
from lambdas.invoices.writing import Change, Writer
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import now_ms


class Sent(NamedTuple):
    """An invoice that was sent, its payer's link, and why there was no mail (`""`: there was one)."""

    invoice: StoredInvoice
    link: str
    problem: str

    def public(self) -> SentInvoice:
        """The answer to the payee. The link is in it only where nobody else has it."""
        pay_link = self.link if self.problem else UNSET
        return SentInvoice(**invoice_fields(self.invoice), mailed=not self.problem, pay_link=pay_link)


class Sending:
    """Sends invoices. `base` is what a payer's link begins with."""

    def __init__(
        self, invoices: Invoices, writer: Writer, mail: Mail, base: str, now: Callable[[], int] = now_ms
    ) -> None:
        self._invoices = invoices
        self._writer = writer
        self._mail = mail
        self._base = base
        self._now = now

    def send(self, caller: Caller, id: str) -> Sent:
        """Make a draft a sent invoice, and mail its link to the payer.

        The mail comes last: an invoice whose mail could not be sent stands, and its payee passes the link on.
        """
        token = new_token()

        def decide(before: StoredInvoice | None) -> Change:
            draft = there(before)
            if draft.status is not InvoiceStatus.DRAFT:
                raise Refusal("conflict", f"The invoice is `{draft.status}`; only a `draft` can be sent.")
            now = self._now()
            sent = structs.replace(draft, status=InvoiceStatus.SENT, link=digest(token), sent_at=now, updated_at=now)
            return Change(EntryKind.SENT, sent)

        user = self._invoices.own(caller, id).user_id
        invoice = there(self._writer.write(user, id, caller.name, decide))
        link = self._base + token
        return Sent(invoice, link, self._mailed(invoice, link))

    def _mailed(self, invoice: StoredInvoice, link: str) -> str:
        """Mail the link; returns why that was not done, or nothing."""
        if invoice.payer_email is UNSET:
            return "the invoice has no `payerEmail`"
        try:
            self._mail.send(message_of(invoice, invoice.payer_email, link))
        except NotMailed as error:
            return str(error)
        return ""


def invoice_fields(invoice: StoredInvoice) -> dict[str, Any]:
    """The fields of an invoice that its payee sees."""
    return {name: value for name, value in structs.asdict(invoice).items() if name not in ("entry", "link")}
