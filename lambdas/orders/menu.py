"""What there is to order, and what it costs: the web app's own menu."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from lambdas.orders.models import Item
from lambdas.runtime.errors import Refusal

PACKAGE_DATA = ("site/public/menu.json",)
"""The files that go into a function's archive with this module."""

FILE = Path(__file__).parents[2] / PACKAGE_DATA[0]


class Dish(msgspec.Struct):
    """One line of the menu. `price` is in minor units (cents)."""

    name: str
    price: int


@cache
def prices() -> dict[str, int]:
    """The price of each dish by its name, in minor units."""
    return {dish.name: dish.price for dish in msgspec.json.decode(FILE.read_bytes(), type=list[Dish])}


def amount(items: Iterable[Item]) -> int:
    """What items cost together, in minor units. Refuses what is not on the menu."""
    total = 0
    for item in items:
        if item.name not in prices():
            raise Refusal("invalid", f"`{item.name}` is not on the menu.")
        total += prices()[item.name] * item.qty
    return total
