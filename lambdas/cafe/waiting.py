"""How long people wait, from the orders of the last hour."""

import statistics
import time
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from lambdas.orders.models import Order
from lambdas.runtime.ids import now_ms

SPAN_MS = 60 * 60 * 1000
"""The orders that count for the estimate became ready in this time."""

CACHE_SECONDS = 30
"""How long an estimate is used again. Where there was none, the next call asks again."""

STEP_SECONDS = 30
"""Estimates are rounded up to this, so that they, and the entity tag with them, do not change every second."""


class Wait(Struct):
    """`ahead`: open orders from before this one. `seconds`: the estimate, `None` while there is nothing to estimate
    from."""

    ahead: int
    seconds: int | None


class OpenOrders(Protocol):
    """Counts open orders."""

    def count_open(self, now: int, before: Order | None = None) -> int:
        """The number of open orders at a time (ms), or of those from before an order."""


class Waiting:
    """Estimates from `durations`, which returns how long (s) the orders took that became ready since a time (ms)."""

    def __init__(
        self,
        orders: OpenOrders,
        durations: Callable[[int], list[int]],
        now: Callable[[], int] = now_ms,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._orders = orders
        self._durations = durations
        self._now = now
        self._clock = clock
        self._median: float | None = None
        self._read_at = float("-inf")

    def of(self, order: Order) -> Wait:
        """How long the customer of an order still waits."""
        now = self._now()
        median = self._seconds(now)
        left = None if median is None else max(0.0, median - (now - order.created_at) / 1000)
        return Wait(self._orders.count_open(now, order), None if left is None else _rounded_up(left, STEP_SECONDS))

    def of_next(self) -> tuple[int, int | None]:
        """The number of open orders, and the estimate for the next one in minutes."""
        now = self._now()
        median = self._seconds(now)
        return self._orders.count_open(now), None if median is None else _rounded_up(median, 60) // 60

    def _seconds(self, now: int) -> float | None:
        """The median of the last hour, or `None` without orders."""
        if self._median is None or self._clock() - self._read_at >= CACHE_SECONDS:
            durations = self._durations(now - SPAN_MS)
            self._median = statistics.median(durations) if durations else None
            self._read_at = self._clock()
        return self._median


def _rounded_up(seconds: float, step: int) -> int:
    return -int(-seconds // step) * step
