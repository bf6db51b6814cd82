"""The keys under which an invoice is found, beside `userId` and `id`. Ids sort by time, so every list goes by them.

| index | partition key | sort key | answers |
| --- | --- | --- | --- |
| the table | `userId` | `id` | one invoice; a payee's, newest first |
| `userStatus` | `_userStatus` | `id` | the same in one status |
| `shard` | `_shard` | `id` | everyone's, newest first; one by its id alone |
| `shardStatus` | `_shardStatus` | `id` | everyone's in one status |
| `link` | `_link` | | the invoice that a payer's link leads to: its key only |
"""

import hashlib
import re

from msgspec import UNSET, UnsetType

from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.runtime.ids import GENERATED_ID, SHARDS
from lambdas.runtime.paging import Paged
from lambdas.runtime.tables import Index


class InvoicesQuery(Paged):
    """`?limit=`, `?status=` and the `cursor` of a next-page link, which holds an invoice's id."""

    PATH = "invoices"
    POSITION = re.compile(GENERATED_ID)

    status: InvoiceStatus | UnsetType = UNSET


class LedgerQuery(Paged):
    """`?limit=` and the `cursor` of a next-page link, which holds an entry's number."""

    PATH = "ledger"
    POSITION = re.compile(r"[1-9][0-9]{0,14}")


USER_STATUS = Index("userStatus", "_userStatus", "id")
SHARD = Index("shard", "_shard", "id")
SHARD_STATUS = Index("shardStatus", "_shardStatus", "id")
LINK = Index("link", "_link", None, projection="KEYS_ONLY")
INDEXES = (USER_STATUS, SHARD, SHARD_STATUS, LINK)

OF_INVOICE = Index("invoice", "invoiceId", "sequence")
"""The ledger's one index: an invoice's entries."""


def shard(id: str) -> str:
    """The shard of an invoice."""
    return SHARDS[hashlib.sha256(id.encode()).digest()[0] % len(SHARDS)]


def user_status(user: str, status: InvoiceStatus) -> str:
    """The partition of a payee's invoices in one status."""
    return f"{user}#{status}"


def shard_status(shard: str, status: InvoiceStatus) -> str:
    """The partition of a shard's invoices in one status."""
    return f"{shard}#{status}"


def index_keys(invoice: StoredInvoice) -> dict[str, str]:
    """The attributes by which the indexes find an invoice; `_link` is a field of its own."""
    own = shard(invoice.id)
    return {
        "_shard": own,
        "_shardStatus": shard_status(own, invoice.status),
        "_userStatus": user_status(invoice.user_id, invoice.status),
    }
