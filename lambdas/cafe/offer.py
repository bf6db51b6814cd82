"""What can be ordered."""

from typing import NamedTuple

from lambdas.cafe.models import StoredItem


class Offer(NamedTuple):
    """What can be ordered: the menu, in its order, and the switch: open, closed, or `None` for the hours."""

    items: list[StoredItem]
    switch: bool | None = None
