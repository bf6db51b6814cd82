"""The port to the store of invoices and their ledger."""

from typing import Protocol

from lambdas.invoices.ledger import Entry, Head
from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.runtime.tables import Page


class Store(Protocol):
    """Stores invoices by payee and ID, and each payee's ledger."""

    def get(self, user: str, id: str) -> StoredInvoice | None:
        """A payee's invoice, read consistently, or `None`."""

    def find(self, id: str) -> StoredInvoice | None:
        """Any payee's invoice, or `None`. Eventually consistent."""

    def by_link(self, digest: str) -> StoredInvoice | None:
        """The invoice whose link's token has this digest, read consistently, or `None`."""

    def page(
        self, user: str | None, status: InvoiceStatus | None, limit: int, after: str | None
    ) -> Page[StoredInvoice]:
        """Up to `limit` invoices, newest first: of one payee or all, in one status or any."""

    def head(self, user: str) -> Head:
        """The head of a payee's chain, read consistently."""

    def entries(self, invoice_id: str, limit: int, after: int) -> list[Entry]:
        """Up to `limit` of an invoice's entries after number `after`. Eventually consistent."""

    def commit(
        self, before: StoredInvoice | None, after: StoredInvoice | None, entry: Entry, open_invoices: int = 0
    ) -> bool:
        """Replace invoice `before` with `after` (`None` deletes it), append the entry, and set the payee's number of
        open invoices, atomically.

        `False` after a concurrent write: the invoice has changed since `before`, or the entry's number is taken.
        """
