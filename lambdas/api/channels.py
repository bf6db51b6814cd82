"""Every channel of the live updates, and who may subscribe to it.

The authorizer of the event API decides by this table, and the functions publish to these channels. Nobody else
publishes: that requires IAM.
"""

import re
from typing import Literal, NamedTuple

NAMESPACE = "orders"
"""The channel namespace of the event API, the first segment of every channel."""

Access = Literal["own", "staff", "signed-in", "display"]
"""Who may subscribe besides staff: the customer or guest whom the channel is named after, nobody, every customer and
guest, or every display."""

SEGMENT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?")
"""A segment of a channel (AppSync developer guide, "Understanding channel namespaces")."""


class Channel(NamedTuple):
    """A channel below the namespace. `{customer}` in its path is a customer's name."""

    path: str
    access: Access


BOARD = Channel("board", "staff")
CUSTOMER = Channel("customers/{customer}", "own")
DISPLAY = Channel("display", "display")
MENU = Channel("menu", "signed-in")
"""What can be ordered: changes of the menu."""
CHANNELS = (BOARD, CUSTOMER, DISPLAY, MENU)


def address(channel: Channel, customer: str = "") -> str | None:
    """The channel's name in the event API, or `None` if the customer's name cannot be a part of it."""
    if "{customer}" in channel.path and not SEGMENT.fullmatch(customer):
        return None
    return f"/{NAMESPACE}/{channel.path.replace('{customer}', customer)}"
