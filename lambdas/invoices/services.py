"""What the invoices handlers call: made once in a process, when a call needs it, from the function's environment."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.invoices.mail import Mail
    from lambdas.invoices.paying import Paying, Withdrawing
    from lambdas.invoices.sending import Sending
    from lambdas.invoices.service import Invoices
    from lambdas.invoices.table import InvoicesTable
    from lambdas.invoices.writing import Writer


@cache
def invoices() -> "Invoices":
    """The invoices in `invoices_table`, with photos in the table `PHOTOS_TABLE`."""
    from lambdas.invoices.service import Invoices

    return Invoices(invoices_table(), has_photo, invoice_writer())


def has_photo(user: str, id: str) -> bool:
    """Whether a user has a photo with an id, in the table `PHOTOS_TABLE`: once it has been uploaded."""
    from lambdas.photos.services import photos_table

    return photos_table().get(user, id) is not None


@cache
def invoices_table() -> "InvoicesTable":
    """The tables `INVOICES_TABLE`, `LEDGER_TABLE` and `LEDGER_HEADS_TABLE`."""
    from lambdas.invoices.table import InvoicesTable, Names

    names = (os.environ["INVOICES_TABLE"], os.environ["LEDGER_TABLE"], os.environ["LEDGER_HEADS_TABLE"])
    return InvoicesTable(Names(*names))


@cache
def invoice_writer() -> "Writer":
    """What writes to them."""
    from lambdas.invoices.writing import Writer

    return Writer(invoices_table())


@cache
def mail() -> "Mail":
    """Mail from `MAIL_FROM`; none where it is empty."""
    from lambdas.invoices.mail import NoMail
    from lambdas.invoices.ses import SesMail

    return SesMail(os.environ["MAIL_FROM"]) if os.environ["MAIL_FROM"] else NoMail()


@cache
def sending() -> "Sending":
    """What sends invoices, with links that begin with `PAY_URL`."""
    from lambdas.invoices.sending import Sending

    return Sending(invoices(), invoice_writer(), mail(), os.environ["PAY_URL"])


@cache
def paying() -> "Paying":
    """What takes the money for them."""
    from lambdas.invoices.paying import Paying
    from lambdas.payments.services import payments

    return Paying(invoices_table(), payments(), invoice_writer())


def pay_page() -> str:
    """The address of the site's page for payers."""
    return os.environ["PAY_PAGE"]


@cache
def withdrawing() -> "Withdrawing":
    """What takes them back."""
    from lambdas.invoices.paying import Withdrawing
    from lambdas.payments.services import payments

    return Withdrawing(invoices(), payments(), invoice_writer())
