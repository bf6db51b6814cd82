"""The email to the payer."""

from typing import NamedTuple, Protocol

from lambdas.invoices.currencies import format_amount
from lambdas.invoices.models import StoredInvoice


class Message(NamedTuple):
    """A plain-text email."""

    to: str
    subject: str
    text: str


class NotMailed(Exception):
    """An email could not be sent. The reason is for the log."""


class Mail(Protocol):
    """Sends email."""

    def send(self, message: Message) -> None:
        """Send an email. Raises `NotMailed`."""


class NoMail:
    """The `Mail` of a café without email."""

    def send(self, message: Message) -> None:  # noqa: ARG002  the port's
        """Raise `NotMailed`."""
        raise NotMailed("email is disabled: `mailFrom` is not configured")


def message_of(invoice: StoredInvoice, to: str, link: str) -> Message:
    """The email for an invoice. Text from the payee appears only in the body, where it can do no harm."""
    amount = format_amount(invoice.amount, invoice.currency)
    text = (
        f"You have received an invoice for {amount}:\n\n{invoice.description}\n\n"
        f"View and pay it here:\n{link}\n\n"
        "Anyone with this link can view and pay the invoice, so keep it private. If you did not expect this invoice, "
        "ignore this email.\n"
    )
    return Message(to, f"Invoice for {amount}", text)
