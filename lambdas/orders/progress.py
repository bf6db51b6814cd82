"""What follows from an order's progress, besides its messages: who has its number, and how long others will wait."""

from typing import Protocol

from lambdas.orders.lifecycle import OPEN
from lambdas.orders.models import Order, Status


class Numbers(Protocol):
    """The numbers of open orders."""

    def follow(self, order: Order, ended_at: int | None) -> None:
        """Keep an order's number until it ends, or for two minutes after it ended at that time (ms)."""


class Durations(Protocol):
    """How long orders took."""

    def add_duration(self, order: str, ready_at: int, seconds: int) -> None:
        """Store how long an order took until it was ready, at that time (ms)."""


class Progress:
    """Follows the orders. Everything can be repeated."""

    def __init__(self, numbers: Numbers, durations: Durations) -> None:
        self._numbers = numbers
        self._durations = durations

    def moved(self, old: Order, new: Order) -> None:
        """The status of an order has changed."""
        self._numbers.follow(new, None if new.status in OPEN else new.updated_at)
        if (old.status, new.status) == (Status.ACCEPTED, Status.READY):
            seconds = (new.updated_at - new.created_at) // 1000
            self._durations.add_duration(f"{new.customer}/{new.id}", new.updated_at, seconds)

    def deleted(self, old: Order, at: int) -> None:
        """An order was deleted at a time (ms)."""
        self._numbers.follow(old, at)
