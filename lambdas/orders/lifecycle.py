"""The moves that an order may make: `created -> accepted -> ready -> filled`, or out by `cancelled`."""

from lambdas.orders.models import Status

MOVES: dict[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.ACCEPTED, Status.CANCELLED}),
    Status.ACCEPTED: frozenset({Status.READY, Status.CANCELLED}),
    Status.READY: frozenset({Status.FILLED}),
    Status.FILLED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""From each status to those that may follow it."""

OPEN = frozenset(status for status, targets in MOVES.items() if targets)
"""The statuses in which an order is still being worked on."""


def sources(target: Status) -> frozenset[Status]:
    """The statuses from which an order may move to `target`."""
    return frozenset(status for status, targets in MOVES.items() if target in targets)
