"""The mail to the payer."""

from typing import NamedTuple, Protocol

from lambdas.invoices.currencies import written
from lambdas.invoices.models import StoredInvoice


class Message(NamedTuple):
    """A mail of plain text."""

    to: str
    subject: str
    text: str


class NotMailed(Exception):
    """A mail could not be handed over; why is for the log."""


class Mail(Protocol):
    """Whoever delivers mail."""

    def send(self, message: Message) -> None:
        """Hand a mail over. Raises `NotMailed`."""


class NoMail:
    """The `Mail` of a café that sends none."""

    def send(self, message: Message) -> None:  # noqa: ARG002  the port's
        """Refuse. Raises `NotMailed`."""
        raise NotMailed("the café sends no mail: `mailFrom` is not configured")


def message_of(invoice: StoredInvoice, to: str, link: str) -> Message:
    """The mail for an invoice: what the payee wrote stands in the text only, where it can do no harm."""
    amount = written(invoice.amount, invoice.currency)
    text = (
        f"You are asked to pay {amount}:\n\n{invoice.description}\n\n"
        f"See the invoice and pay it here:\n{link}\n\n"
        "Whoever has this link can pay, and can see the invoice: keep it to yourself. If you expect no such invoice, "
        "leave it alone, and nothing happens.\n"
    )
    return Message(to, f"Invoice over {amount}", text)
