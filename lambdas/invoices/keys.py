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
from typing import NamedTuple

from lambdas.invoices.models import InvoiceStatus, StoredInvoice

SHARDS = tuple("0123")
"""Partitions of the indexes over everyone's invoices, so that no key is hot. An id tells its shard."""


class Index(NamedTuple):
    """A secondary index: its name, its keys' attributes and what of an item is in it."""

    name: str
    partition_key: str
    sort_key: str | None = "id"
    projection: str = "ALL"


USER_STATUS = Index("userStatus", "_userStatus")
SHARD = Index("shard", "_shard")
SHARD_STATUS = Index("shardStatus", "_shardStatus")
LINK = Index("link", "_link", None, "KEYS_ONLY")
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
