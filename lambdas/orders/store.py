"""The port to the order store, implemented by DynamoDB in production and by a dict in tests."""

from collections.abc import Collection, Mapping
from typing import Protocol

from lambdas.orders.lifecycle import ANY_STATUS
from lambdas.orders.models import Order, Status
from lambdas.runtime.tables import Page


class Numbers(Protocol):
    """Numbers by which open orders are called out."""

    def take(self, order: Order) -> int:
        """Claim a number that no other open order has. If none is free, return any."""

    def give_back(self, number: int, order: Order) -> None:
        """Free the number of an order that was not stored."""

    def follow(self, order: Order, ended_at: int | None) -> None:
        """Keep an order's number until it ends, or for two minutes after it ended at that time (ms)."""


class Store(Protocol):
    """Stores orders by `customer` and `id`. Every write is conditional and atomic."""

    def insert(self, order: Order, limit: int = 0) -> Order | None:
        """Store a new order. If the customer already has one with this ID, change nothing and return that order.

        Raises `Refusal`: `throttled` if the customer has `limit` open orders or more (0: any number); `unavailable`
        after too many concurrent writes.
        """

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
        """Set fields (by their JSON names) and return the result, on condition that the order's status is in `when` and
        its revision is in `match`, if given.

        Raises `Refusal`: `missing` if there is no such order, `changed` if the revision does not match, `conflict` if
        the status does not.
        """

    def delete(
        self, customer: str, id: str, match: Collection[str] | None = None, when: Collection[Status] = ANY_STATUS
    ) -> bool:
        """Delete the order, on condition that its status is in `when` and its revision is in `match`, if given. `False`
        if there is no such order.

        Raises `Refusal`: `changed` if the revision does not match, `conflict` if the status does not.
        """

    def page(self, customer: str | None, status: Status | None, limit: int, after: str | None) -> Page[Order]:
        """Up to `limit` orders, newest first: of one customer or all, in one status or any."""
