"""Fills a new stack's menu."""

from pathlib import Path

import msgspec

from lambdas.cafe.menu import Menus
from lambdas.cafe.models import MenuItem, MenuItemBody
from lambdas.cafe.table import CafeTable
from lambdas.runtime.caller import STAFF, Caller
from ops.stack import Stack

FILE = Path(__file__).parents[1] / "site/public/menu.json"
"""The menu of a new stack: items as in `GET /menu`."""


def menu_file() -> list[MenuItem]:
    """The items of the menu file."""
    return msgspec.json.decode(FILE.read_bytes(), type=list[MenuItem])


def seed_menu(stack: Stack) -> int:
    """Store the items of the menu file if the stack's menu is empty. Returns how many were stored."""
    table = CafeTable(stack.output("cafeTableName"), stack.client("dynamodb"))
    if table.menu():
        return 0
    items = menu_file()
    menus = Menus(table, currency="", tax_percent=0)
    for item in items:
        body = MenuItemBody(**{name: getattr(item, name) for name in MenuItemBody.__struct_fields__})
        menus.put(Caller("menu file", frozenset({STAFF})), item.name, body)
    return len(items)
