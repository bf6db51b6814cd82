"""The services that the invoice handlers call: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.invoices.anchor import Anchor
    from lambdas.invoices.mail import Mail
    from lambdas.invoices.paying import Paying, Withdrawing
    from lambdas.invoices.sending import Sending
    from lambdas.invoices.service import Invoices
    from lambdas.invoices.table import InvoicesTable
    from lambdas.invoices.writing import Writer


@cache
def invoices() -> "Invoices":
    """The invoices in `invoices_table`, with attachments in the table `PHOTOS_TABLE`."""
    from lambdas.invoices.service import Invoices

    return Invoices(invoices_table(), has_photo, invoice_writer())


def has_photo(user: str, id: str) -> bool:
    """Whether the user has uploaded a photo with this ID, according to the table `PHOTOS_TABLE`."""
    from lambdas.photos.services import photos_table

    return photos_table().get(user, id) is not None


@cache
def invoices_table() -> "InvoicesTable":
    """The tables `INVOICES_TABLE`, `LEDGER_TABLE` and `LEDGER_HEADS_TABLE`."""
    from lambdas.invoices.table import InvoicesTable, Names

    names = (os.environ["INVOICES_TABLE"], os.environ["LEDGER_TABLE"], os.environ["LEDGER_HEADS_TABLE"])
    return InvoicesTable(Names(*names))


@cache
def anchor() -> "Anchor":
    """The bucket `LEDGER_ANCHOR_BUCKET`."""
    from lambdas.invoices.anchor import Anchor

    return Anchor(os.environ["LEDGER_ANCHOR_BUCKET"])


@cache
def invoice_writer() -> "Writer":
    """The writer to the invoice tables."""
    from lambdas.invoices.writing import Writer

    return Writer(invoices_table())


@cache
def mail() -> "Mail":
    """Email from the address `MAIL_FROM`; disabled if it is empty."""
    from lambdas.invoices.mail import NoMail
    from lambdas.invoices.ses import SesMail

    return SesMail(os.environ["MAIL_FROM"]) if os.environ["MAIL_FROM"] else NoMail()


@cache
def sending() -> "Sending":
    """Sends invoices, with payment links that begin with `PAY_URL`."""
    from lambdas.invoices.sending import Sending

    # Only a function that sends mail may count it.
    allowance = invoices_table().count_mail if os.environ["MAIL_FROM"] else lambda *_: True
    return Sending(invoices(), invoice_writer(), mail(), os.environ["PAY_URL"], allowance)


@cache
def paying() -> "Paying":
    """Pays invoices."""
    from lambdas.invoices.paying import Paying
    from lambdas.payments.services import payments

    return Paying(invoices_table(), payments(), invoice_writer())


def pay_page() -> str:
    """The URL of the site's payment page, `PAY_PAGE`."""
    return os.environ["PAY_PAGE"]


@cache
def withdrawing() -> "Withdrawing":
    """Withdraws invoices."""
    from lambdas.invoices.paying import Withdrawing
    from lambdas.payments.services import payments

    return Withdrawing(invoices(), payments(), invoice_writer())
