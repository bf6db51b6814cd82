"""The keys of the invoices table and its indexes. Ids sort by time, so every list is sorted by ID.

| index | partition key | sort key | finds |
| --- | --- | --- | --- |
| the table | `userId` | `id` | one invoice; a payee's invoices, newest first |
| `userStatus` | `_userStatus` | `id` | a payee's invoices in one status |
| `shard` | `_shard` | `id` | all invoices, newest first; one invoice by its ID alone |
| `shardStatus` | `_shardStatus` | `id` | all invoices in one status |
| `link` | `_link` | | the invoice of a payment link (keys only) |
"""

import hashlib
import re

from msgspec import UNSET, UnsetType

from lambdas.invoices.models import InvoiceStatus, StoredInvoice
from lambdas.runtime.ids import GENERATED_ID, SHARDS
from lambdas.runtime.paging import Paged
from lambdas.runtime.tables import Index


class InvoicesQuery(Paged):
    """`?limit=`, `?status=`, and the `cursor` of a next-page link, which holds an invoice's ID."""

    PATH = "invoices"
    POSITION = re.compile(GENERATED_ID)

    status: InvoiceStatus | UnsetType = UNSET


class LedgerQuery(Paged):
    """`?limit=`, and the `cursor` of a next-page link, which holds an entry's number."""

    PATH = "ledger"
    POSITION = re.compile(r"[1-9][0-9]{0,14}")


MAILS = "mails"
"""The key of the item that counts a user's emails of the day: `mails#` and the user, and `mails`. It is in no index."""

USER_STATUS = Index("userStatus", "_userStatus", "id")
SHARD = Index("shard", "_shard", "id")
SHARD_STATUS = Index("shardStatus", "_shardStatus", "id")
LINK = Index("link", "_link", None, projection="KEYS_ONLY")
INDEXES = (USER_STATUS, SHARD, SHARD_STATUS, LINK)

OF_INVOICE = Index("invoice", "invoiceId", "sequence")
"""The ledger's only index: the entries of an invoice."""


def shard(id: str) -> str:
    """The shard of an invoice, from a hash of its ID."""
    return SHARDS[hashlib.sha256(id.encode()).digest()[0] % len(SHARDS)]


def user_status(user: str, status: InvoiceStatus) -> str:
    """The partition key of a payee's invoices in one status."""
    return f"{user}#{status}"


def shard_status(shard: str, status: InvoiceStatus) -> str:
    """The partition key of a shard's invoices in one status."""
    return f"{shard}#{status}"


def index_keys(invoice: StoredInvoice) -> dict[str, str]:
    """The index attributes of an invoice, except `_link`, which is a field of the invoice."""
    own = shard(invoice.id)
    return {
        "_shard": own,
        "_shardStatus": shard_status(own, invoice.status),
        "_userStatus": user_status(invoice.user_id, invoice.status),
    }
