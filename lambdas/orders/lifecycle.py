"""The status changes of an order: `created -> accepted -> ready -> filled`, or `cancelled`."""

from lambdas.orders.models import Status

MOVES: dict[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.ACCEPTED, Status.CANCELLED}),
    Status.ACCEPTED: frozenset({Status.READY, Status.CANCELLED}),
    Status.READY: frozenset({Status.FILLED}),
    Status.FILLED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""The statuses that may follow each status."""

OPEN = frozenset(status for status, targets in MOVES.items() if targets)
"""The statuses of an order in progress."""


def sources(target: Status) -> frozenset[Status]:
    """The statuses from which an order may move to `target`."""
    return frozenset(status for status, targets in MOVES.items() if target in targets)
