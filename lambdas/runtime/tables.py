"""What the adapters of DynamoDB tables share: indexes, and pages of a list."""

from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Index(NamedTuple):
    """A secondary index: its name, the attributes of its keys, and which attributes it has (`ALL`, `KEYS_ONLY`).

    A local index has the table's own partition key.
    """

    name: str
    partition_key: str
    sort_key: str | None
    local: bool = False
    projection: str = "ALL"


class Page(NamedTuple, Generic[Item]):
    """Some items, newest first, and the position after which the next page starts (`None` on the last)."""

    items: list[Item]
    next: str | None
