"""The keys of the orders table and its indexes.

| index | partition key | sort key | finds |
| --- | --- | --- | --- |
| the table | `customer` | `id` | one order |
| `customerTime` (local) | `customer` | `_at` | a customer's orders, newest first |
| `customerStatusTime` | `_customerStatus` | `_at` | a customer's orders in one status |
| `shardTime` | `_shard` | `_at` | everyone's orders, newest first |
| `shardStatusTime` | `_shardStatus` | `_at` | everyone's orders in one status |

One more item for each customer, with the key `open#` and the customer, and `open`, has the IDs of the open orders. It
is in no index.

`_at` sorts by time and is unique, so an `_at` is a position in any of these lists. It stays valid when orders are added
or removed, and does not reveal the customer.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from lambdas.orders.models import Order, Status
from lambdas.runtime.ids import SHARDS, Customer
from lambdas.runtime.paging import Paged
from lambdas.runtime.tables import Index

POSITION = re.compile(r"\d{13}#[A-Za-z0-9._-]{1,64}#[0-9a-f]{8}")
"""The format of an `_at`."""


class OrdersQuery(Paged):
    """`?limit=`, `?status=`, `?customer=`, and the `cursor` of a next-page link."""

    PATH = "orders"
    POSITION = POSITION

    status: Status | UnsetType = UNSET
    customer: Customer | UnsetType = UNSET


CUSTOMER_TIME = Index("customerTime", "customer", "_at", local=True)
CUSTOMER_STATUS_TIME = Index("customerStatusTime", "_customerStatus", "_at")
SHARD_TIME = Index("shardTime", "_shard", "_at")
SHARD_STATUS_TIME = Index("shardStatusTime", "_shardStatus", "_at")
INDEXES = (CUSTOMER_TIME, CUSTOMER_STATUS_TIME, SHARD_TIME, SHARD_STATUS_TIME)


OPEN = "open"


def open_key(customer: str) -> dict[str, str]:
    """The key of the item with the IDs of a customer's open orders."""
    return {"customer": f"{OPEN}#{customer}", "id": OPEN}


def is_open_set(item: Mapping[str, Any]) -> bool:
    """Whether a DynamoDB item is one with the IDs of open orders. It has no set while none is open."""
    return bool(item["customer"]["S"].startswith(f"{OPEN}#"))


def _digest(customer: str, id: str) -> str:
    return hashlib.sha256(f"{customer}/{id}".encode()).hexdigest()


def shard(customer: str, id: str) -> str:
    """The shard of an order, from a hash of its key."""
    return SHARDS[int(_digest(customer, id)[:8], 16) % len(SHARDS)]


def position(order: Order) -> str:
    """The order's `_at`: ms, ID, and a few digits that distinguish equal IDs of two customers."""
    return f"{order.created_at:013d}#{order.id}#{_digest(order.customer, order.id)[-8:]}"


def status_keys(customer: str, id: str, status: Status) -> dict[str, str]:
    """The index attributes that depend on the order's status."""
    return {"_customerStatus": f"{customer}#{status}", "_shardStatus": f"{shard(customer, id)}#{status}"}


def index_keys(order: Order) -> dict[str, str]:
    """All index attributes of an order."""
    return {
        "_at": position(order),
        "_shard": shard(order.customer, order.id),
        **status_keys(order.customer, order.id, order.status),
    }
