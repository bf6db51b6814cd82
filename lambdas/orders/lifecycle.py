"""The status changes of an order: `created -> accepted -> ready -> filled`, or `cancelled`."""

from lambdas.orders.models import Order, Status

MOVES: dict[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.ACCEPTED, Status.CANCELLED}),
    Status.ACCEPTED: frozenset({Status.READY, Status.CANCELLED}),
    Status.READY: frozenset({Status.FILLED}),
    Status.FILLED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The statuses that may follow each status."""

TAKEN_BACK = {Status.CREATED: Status.ACCEPTED, Status.ACCEPTED: Status.READY, Status.READY: Status.FILLED}
"""The status from which staff may take an order back to each status."""

TAKE_BACK_MS = 60_000
"""For how long staff may take back a move that staff made."""

ANY_STATUS = frozenset(Status)

OPEN = frozenset(status for status, targets in MOVES.items() if targets)
"""The statuses of an order in progress."""


OPEN_MS = 12 * 3600 * 1000
"""How long an order that is not finished counts as open: nobody comes for it any more."""


def is_open(order: Order, now: int) -> bool:
    """Whether an order counts as open at time `now` (ms)."""
    return order.status in OPEN and order.created_at > now - OPEN_MS


def sources(target: Status) -> frozenset[Status]:
    """The statuses from which an order may move to `target`."""
    return frozenset(status for status, targets in MOVES.items() if target in targets)
