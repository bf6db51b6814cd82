"""Where orders are kept, as the domain sees it: a port that DynamoDB serves in production and a dict in tests."""

from collections.abc import Collection, Mapping
from typing import Protocol

from lambdas.orders.models import Order, Status
from lambdas.runtime.tables import Page


class Store(Protocol):
    """Orders by `customer` and `id`. Every write is a single conditional one."""

    def insert(self, order: Order) -> Order | None:
        """Store a new order; when that customer has one with that id already, change nothing and return it."""

    def get(self, customer: str, id: str) -> Order | None:
        """The order, or `None`."""

    def update(
        self,
        customer: str,
        id: str,
        changes: Mapping[str, object],
        when: Collection[Status],
        match: Collection[str] | None = None,
    ) -> Order:
        """Set fields (by their names on the wire) and return the result, if the order's status is one of `when` and its
        revision one of `match`, where that is given.

        Raises `Refusal`: `missing` when there is no such order, `changed` when its revision is another, `conflict` when
        its status is.
        """

    def delete(self, customer: str, id: str, match: Collection[str] | None = None) -> bool:
        """Remove the order, if its revision is one of `match`, where that is given; `False` when there was none.

        Raises `Refusal`: `changed` when its revision is another.
        """

    def page(self, customer: str | None, status: Status | None, limit: int, after: str | None) -> Page[Order]:
        """Up to `limit` orders, newest first: of one customer or of all, in one status or in any."""
