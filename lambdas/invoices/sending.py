"""Sending a draft to its payer."""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import UNSET, structs

from lambdas.invoices.ledger import EntryKind
from lambdas.invoices.links import digest, new_token
from lambdas.invoices.mail import Mail, MailDisabled, NotMailed, message_of
from lambdas.invoices.models import InvoiceStatus, SentInvoice, StoredInvoice
from lambdas.invoices.service import Invoices, require
from lambdas.invoices.writing import Change, Writer
from lambdas.runtime.caller import MAILERS, STAFF, Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import now_ms

DAILY_MAILS = 100
"""The maximum number of emails that a user can have sent each day (UTC)."""

DAY_MS = 86_400_000

Allowance = Callable[[str, int, int], bool]
"""Counts an email of a user on a day (days since 1970). `False` if there were as many as the maximum already."""


class Sent(NamedTuple):
    """A sent invoice, its payment link, why no email was sent (`""` if one was), and whether that is our fault."""

    invoice: StoredInvoice
    link: str
    problem: str
    is_failure: bool = False

    def public(self) -> SentInvoice:
        """The response to the payee. It includes the link only if no email was sent."""
        pay_link = self.link if self.problem else UNSET
        return SentInvoice(**invoice_fields(self.invoice), mailed=not self.problem, pay_link=pay_link)


class Sending:
    """Sends invoices. `base` is the URL to which a link's token is appended."""

    def __init__(
        self,
        invoices: Invoices,
        writer: Writer,
        mail: Mail,
        base: str,
        allowance: Allowance,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._allowance = allowance
        self._invoices = invoices
        self._writer = writer
        self._mail = mail
        self._base = base
        self._now = now

    def send(self, caller: Caller, id: str) -> Sent:
        """Change a draft's status to `sent`, and email its link to the payer.

        Only staff and users whom staff approved have it mailed: others could use the café's name to mail strangers. The
        email comes last: if it fails, the invoice is still sent, and its payee passes the link on.
        """
        token = new_token()

        def decide(before: StoredInvoice | None) -> Change:
            draft = require(before)
            if draft.status is not InvoiceStatus.DRAFT:
                raise Refusal("conflict", f"The invoice is `{draft.status}`; only a `draft` can be sent.")
            now = self._now()
            sent = structs.replace(draft, status=InvoiceStatus.SENT, link=digest(token), sent_at=now, updated_at=now)
            return Change(EntryKind.SENT, sent)

        user = self._invoices.get_own(caller, id).user_id
        invoice = require(self._writer.write(user, id, caller.name, decide))
        link = self._base + token
        try:
            self._mail_link(caller, invoice, link)
        except NotMailed as error:
            return Sent(invoice, link, str(error), is_failure=not isinstance(error, MailDisabled))
        return Sent(invoice, link, "")

    def _mail_link(self, caller: Caller, invoice: StoredInvoice, link: str) -> None:
        """Email the link. Raises `NotMailed`."""
        if invoice.payer_email is UNSET:
            raise MailDisabled("the invoice has no `payerEmail`")
        if not caller.may_mail:
            raise MailDisabled(f"only members of the groups `{STAFF}` and `{MAILERS}` have their invoices mailed")
        if not self._allowance(caller.name, self._now() // DAY_MS, DAILY_MAILS):
            raise MailDisabled(f"{DAILY_MAILS} emails were sent today")
        self._mail.send(message_of(invoice, invoice.payer_email, link))


def invoice_fields(invoice: StoredInvoice) -> dict[str, Any]:
    """The invoice's public fields."""
    return {name: value for name, value in structs.asdict(invoice).items() if name not in ("entry", "link")}
