"""Where invoices and their ledger are kept, as the domain sees it."""

from typing import Protocol

from lambdas.invoices.ledger import Entry, Head
from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.runtime.tables import Page


class Store(Protocol):
    """Invoices by payee and id, and each payee's ledger."""

    def get(self, user: str, id: str) -> StoredInvoice | None:
        """A payee's invoice, as it is now, or `None`."""

    def find(self, id: str) -> StoredInvoice | None:
        """Anybody's invoice, or `None`. One of the last moment may not be found yet."""

    def by_link(self, digest: str) -> StoredInvoice | None:
        """The invoice, as it is now, whose link has a token with this digest, or `None`."""

    def page(
        self, user: str | None, status: InvoiceStatus | None, limit: int, after: str | None
    ) -> Page[StoredInvoice]:
        """Up to `limit` invoices, newest first: of one payee or of all, in one status or in any."""

    def head(self, user: str) -> Head:
        """The end of a payee's chain, as it is now."""

    def entries(self, invoice_id: str, limit: int, after: int) -> list[Entry]:
        """Up to `limit` of an invoice's entries behind number `after`. One of the last moment may be missing."""

    def commit(self, before: StoredInvoice | None, after: StoredInvoice | None, entry: Entry) -> bool:
        """Make an invoice what it is `after` (`None`: remove it) and append the entry: both, or nothing.

        `False` when somebody was faster: the invoice is no longer as it was `before`, or the entry's place is taken.
        """
