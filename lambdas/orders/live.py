"""The events of the live updates that follow from changes in the orders table."""

from collections.abc import Iterator
from typing import Any

from lambdas.api.channels import BOARD, CUSTOMER, DISPLAY, address
from lambdas.orders.display import display_event
from lambdas.orders.models import Order


def live_events(old: Order | None, new: Order | None, now: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events for a change at a time (ms), each with its channel: the order as the API returns it, for its customer
    and the board, and its number and status for displays.

    `old` is `None` for a new order, `new` for one that was deleted: its event also has `removed`. `_updatedAt` tells
    clients which of two events about an order is the newer one. A change of hidden fields only has no event.
    """
    order = new or old
    if order is None or (old and new and old.public() == new.public()):
        return
    event = {"order": order.public()} if new else {"order": order.public(), "removed": True}
    for channel in (address(CUSTOMER, order.customer), address(BOARD)):
        if channel:
            yield channel, event
    if shown := display_event(old, new, now):
        yield str(address(DISPLAY)), shown
