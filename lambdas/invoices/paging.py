"""The queries of lists: of invoices, and of one's entries in the ledger."""

import re

from msgspec import UNSET, UnsetType

from lambdas.invoices.models import InvoiceStatus
from lambdas.paging import Paged


class InvoiceQuery(Paged):
    """`?limit=`, `?status=` and the `cursor` of a next-page link, which holds an invoice's id."""

    PATH = "invoices"
    POSITION = re.compile(r"[0-9a-f]{12}-[0-9a-f]{20}")

    status: InvoiceStatus | UnsetType = UNSET


class LedgerQuery(Paged):
    """`?limit=` and the `cursor` of a next-page link, which holds an entry's number."""

    PATH = "ledger"
    POSITION = re.compile(r"[1-9][0-9]{0,14}")
