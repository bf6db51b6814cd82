"""Where orders are kept, as the domain sees it: a port that DynamoDB serves in production and a dict in tests."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from lambdas.orders.models import Order, Status


class Page(NamedTuple):
    """Some orders, newest first, and the position after which the next page starts (`None` on the last)."""

    orders: list[Order]
    next: str | None


class Store(Protocol):
    """Orders by `customer` and `id`. Every write is a single conditional one."""

    def insert(self, order: Order) -> Order | None:
        """Store a new order; when that customer has one with that id already, change nothing and return it."""

    def get(self, customer: str, id: str) -> Order | None:
        """The order, or `None`."""

    def update(self, customer: str, id: str, changes: Mapping[str, object], when: Collection[Status]) -> Order:
        """Set fields (by their names on the wire) if the order's status is one of `when`, and return the result.

        Raises `Refusal`: `missing` when there is no such order, `conflict` when its status is another.
        """

    def delete(self, customer: str, id: str) -> bool:
        """Remove the order; `False` when there was none."""

    def page(self, customer: str | None, status: Status | None, limit: int, after: str | None) -> Page:
        """Up to `limit` orders, newest first: of one customer or of all, in one status or in any."""
