"""The email to the payer."""

import re
import unicodedata
from typing import NamedTuple, Protocol

from lambdas.invoices.currencies import format_amount
from lambdas.invoices.models import StoredInvoice

ADDRESS = re.compile(r"\S*(?:@|[^\W\d_]{2,}:(?=\S)|[^\s.]\.[^\s\d.,;:!?]{2,}|\d+(?:\.\d+){3})\S*")
"""A word with `@`, a scheme, a dot in front of two letters, as in a domain name, or an IP address."""

IDEOGRAPHIC_STOP = "\u3002"
"""Browsers take it for a dot (UTS 46)."""


class Message(NamedTuple):
    """A plain-text email."""

    to: str
    subject: str
    text: str


class NotMailed(Exception):
    """An email could not be sent. The reason is for the log."""


class MailDisabled(NotMailed):
    """No email is sent, by intention."""


class Mail(Protocol):
    """Sends email."""

    def send(self, message: Message) -> None:
        """Send an email. Raises `NotMailed`."""


class NoMail:
    """The `Mail` of a café without email."""

    def send(self, message: Message) -> None:  # noqa: ARG002  the port's
        """Raise `MailDisabled`."""
        raise MailDisabled("email is disabled: `mailFrom` is not configured")


def message_of(invoice: StoredInvoice, to: str, link: str) -> Message:
    """The email for an invoice. The payee's text appears only in the body, in one line and without addresses, so that
    the café's name lends them no credit."""
    amount = format_amount(invoice.amount, invoice.currency)
    text = (
        f"The café sends you an invoice for {amount}:\n\n{without_addresses(invoice.description)}\n\n"
        f"View and pay it here:\n{link}\n\n"
        "Anyone with this link can view and pay the invoice, so keep it private. If you did not expect this invoice, "
        "ignore this email.\n"
    )
    return Message(to, f"Invoice for {amount} from the café", text)


def without_addresses(text: str) -> str:
    """A text in one line, without web and email addresses, which mail programs turn into links."""
    plain = unicodedata.normalize("NFKC", text).replace(IDEOGRAPHIC_STOP, ".")
    visible = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return ADDRESS.sub("…", " ".join(visible.split()))
