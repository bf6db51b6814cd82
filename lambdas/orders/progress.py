"""Updates the number and the recorded duration of an order when its status changes."""

from typing import Protocol

from lambdas.orders.lifecycle import OPEN
from lambdas.orders.models import Order, Status
from lambdas.orders.store import Numbers


class Durations(Protocol):
    """How long orders took."""

    def add_duration(self, order: str, ready_at: int, seconds: int) -> None:
        """Store how long an order took until it was ready, at that time (ms)."""


class Progress:
    """Follows the status of orders. Every method is idempotent."""

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
