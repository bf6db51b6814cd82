"""Estimates waiting times from the orders of the last hour."""

import statistics
from bisect import bisect_left
from collections.abc import Callable

from msgspec import Struct

from lambdas.orders.models import Order
from lambdas.runtime.ids import now_ms

SPAN_MS = 60 * 60 * 1000
"""The orders that count for the estimate became ready in this time."""

ESTIMATE_MS = 30_000
"""How long an estimate is used again. Where there was none, the next call asks again."""

COUNT_MS = 2_000
"""How long a count is used again, for orders from before it."""

STEP_SECONDS = 30
"""Estimates are rounded up to this, so that they, and the entity tag with them, do not change every second."""


class Wait(Struct):
    """`ahead`: open orders from before this one. `seconds`: the estimate, `None` while there is nothing to estimate
    from."""

    ahead: int
    seconds: int | None


class Waiting:
    """Estimates waiting times. `open_orders` returns when the orders that are open at a time (ms) were created, oldest
    first, and `durations` how long (s) the orders took that became ready since a time."""

    def __init__(
        self,
        open_orders: Callable[[int], list[int]],
        durations: Callable[[int], list[int]],
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._open_orders = open_orders
        self._durations = durations
        self._now = now
        self._open: list[int] = []
        self._counted_at = 0
        self._median: float | None = None
        self._estimated_at = 0

    def of(self, order: Order) -> Wait:
        """How long the customer of an order still waits."""
        now = self._now()
        ahead = bisect_left(self._created(now, order.created_at), order.created_at)
        median = self._seconds(now)
        left = None if median is None else max(0.0, median - (now - order.created_at) / 1000)
        return Wait(ahead, None if left is None else _rounded_up(left, STEP_SECONDS))

    def of_next(self) -> tuple[int, int | None]:
        """The number of open orders, and the estimate for the next one in minutes."""
        now = self._now()
        median = self._seconds(now)
        return len(self._created(now, now)), None if median is None else _rounded_up(median, 60) // 60

    def _created(self, now: int, since: int) -> list[int]:
        """When the open orders were created, read at `since` (ms) or later: every older order is among them."""
        if self._counted_at < since or now - self._counted_at >= COUNT_MS:
            self._open, self._counted_at = self._open_orders(now), now
        return self._open

    def _seconds(self, now: int) -> float | None:
        """The median of the last hour, or `None` without orders."""
        if self._median is None or now - self._estimated_at >= ESTIMATE_MS:
            durations = self._durations(now - SPAN_MS)
            self._median, self._estimated_at = statistics.median(durations) if durations else None, now
        return self._median


def _rounded_up(seconds: float, step: int) -> int:
    return -int(-seconds // step) * step
