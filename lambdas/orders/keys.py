"""The keys under which an order is found, beside `customer` and `id`.

| index | partition key | sort key | answers |
| --- | --- | --- | --- |
| the table | `customer` | `id` | one order |
| `customerTime` (local) | `customer` | `_at` | a customer's orders, newest first |
| `customerStatusTime` | `_customerStatus` | `_at` | the same in one status |
| `shardTime` | `_shard` | `_at` | everyone's orders, newest first |
| `shardStatusTime` | `_shardStatus` | `_at` | the same in one status |

`_at` sorts by time and differs for any two orders, so a position in any of these lists is simply an `_at`: it stays
right when orders are added or removed, and says nothing about whose they are.
"""

import hashlib
import re
from typing import NamedTuple

from lambdas.orders.models import Order, Status

SHARDS = tuple("0123")
"""Partitions of the indexes over everyone's orders: one partition takes 1,000 writes a second (DynamoDB's limit), and
a page of everyone's orders costs one query a shard."""

POSITION = re.compile(r"\d{13}#[A-Za-z0-9._-]{1,64}#[0-9a-f]{8}")
"""What an `_at` looks like."""


class Index(NamedTuple):
    """A secondary index: its name, its partition key's attribute and whether it is a local one. All sort by `_at`."""

    name: str
    partition_key: str
    local: bool = False


CUSTOMER_TIME = Index("customerTime", "customer", local=True)
CUSTOMER_STATUS_TIME = Index("customerStatusTime", "_customerStatus")
SHARD_TIME = Index("shardTime", "_shard")
SHARD_STATUS_TIME = Index("shardStatusTime", "_shardStatus")
INDEXES = (CUSTOMER_TIME, CUSTOMER_STATUS_TIME, SHARD_TIME, SHARD_STATUS_TIME)


def _digest(customer: str, id: str) -> str:
    return hashlib.sha256(f"{customer}/{id}".encode()).hexdigest()


def shard(customer: str, id: str) -> str:
    """The shard of an order."""
    return SHARDS[int(_digest(customer, id)[:8], 16) % len(SHARDS)]


def position(order: Order) -> str:
    """The order's `_at`: ms, id, and a few digits that tell equal ids of two customers apart."""
    return f"{order.created_at:013d}#{order.id}#{_digest(order.customer, order.id)[-8:]}"


def status_keys(customer: str, id: str, status: Status) -> dict[str, str]:
    """The attributes that follow an order's status."""
    return {"_customerStatus": f"{customer}#{status}", "_shardStatus": f"{shard(customer, id)}#{status}"}


def index_keys(order: Order) -> dict[str, str]:
    """All attributes by which the indexes find an order."""
    return {
        "_at": position(order),
        "_shard": shard(order.customer, order.id),
        **status_keys(order.customer, order.id, order.status),
    }
