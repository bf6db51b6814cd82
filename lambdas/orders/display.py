"""What a display in the room shows."""

from msgspec import UNSET, Struct

from lambdas.orders.lifecycle import OPEN_MS, is_open
from lambdas.orders.models import Order, Status
from lambdas.orders.store import Store

MOST = 100
"""Orders in each status: more than fit on a screen."""

SHOWN = (Status.ACCEPTED, Status.READY)


class Shown(Struct):
    """An order that is being made (`accepted`) or can be picked up (`ready`). Nothing says whose it is."""

    number: int
    status: Status


def shown(store: Store, now: int) -> list[Shown]:
    """The orders on display at a time (ms), oldest first."""
    orders = [order for status in SHOWN for order in store.page(None, status, MOST, None).items]
    orders.sort(key=lambda order: order.created_at)
    return [Shown(order.number, order.status) for order in orders if is_open(order, now) and order.number is not UNSET]


def display_event(old: Order | None, new: Order | None, now: int) -> dict[str, object] | None:
    """The event of a change for displays, or `None`: `old` is `None` for a new order, `new` for one that was deleted,
    which disappears like a cancelled one. Another order can have the number of an old one."""
    order = new or old
    if order is None or order.number is UNSET or (old and new and old.status is new.status):
        return None
    if order.created_at <= now - OPEN_MS:
        return None
    return {"number": order.number, "status": order.status if new else Status.CANCELLED}
