"""The menu and its prices, from the web app's menu file."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from lambdas.orders.models import Item
from lambdas.runtime.errors import Refusal

PACKAGE_DATA = ("site/public/menu.json",)
"""The files that are packaged with this module in a function's archive."""

FILE = Path(__file__).parents[2] / PACKAGE_DATA[0]


class Dish(msgspec.Struct):
    """An item on the menu. `price` is in minor units (cents)."""

    name: str
    type: str
    price: int


@cache
def menu() -> dict[str, Dish]:
    """The menu, by name."""
    return {dish.name: dish for dish in msgspec.json.decode(FILE.read_bytes(), type=list[Dish])}


def amount(items: Iterable[Item]) -> int:
    """The total price of the items, in minor units. Raises `Refusal` for an item that is not on the menu."""
    total = 0
    for item in items:
        if item.name not in menu():
            raise Refusal("invalid", f"`{item.name}` is not on the menu.")
        total += menu()[item.name].price * item.qty
    return total
