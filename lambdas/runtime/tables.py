"""Types shared by the DynamoDB adapters: indexes and pages."""

from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Index(NamedTuple):
    """A secondary index: its name, key attributes, and projection (`ALL` or `KEYS_ONLY`).

    A local index has the table's partition key.
    """

    name: str
    partition_key: str
    sort_key: str | None
    local: bool = False
    projection: str = "ALL"


class Page(NamedTuple, Generic[Item]):
    """A page of items, newest first, and the position after which the next page starts (`None` on the last page)."""

    items: list[Item]
    next: str | None
