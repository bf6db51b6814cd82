"""Fills a new stack's menu."""

import secrets
from pathlib import Path

import msgspec

from lambdas.cafe.models import MenuItem
from lambdas.cafe.table import MENU, CafeTable
from lambdas.runtime.dynamodb_json import to_attributes
from lambdas.runtime.ids import now_ms
from lambdas.runtime.transactions import has_failed, transact
from ops.stack import Stack

FILE = Path(__file__).parents[1] / "site/public/menu.json"
"""The menu of a new stack: items as in `GET /menu`."""

SEEDED = "seeded"
"""Kind and name of the item that marks the menu as filled, so that a menu that staff emptied stays empty."""


def menu_file() -> list[MenuItem]:
    """The items of the menu file."""
    return msgspec.json.decode(FILE.read_bytes(), type=list[MenuItem])


def seed_menu(stack: Stack) -> int:
    """Store the items of the menu file, all or none, if the stack's menu is empty and never was filled. Returns how
    many were stored."""
    client, name = stack.client("dynamodb"), stack.output("cafeTableName")
    if CafeTable(name, client).menu():
        return 0
    now = now_ms()
    rows = [
        {"kind": SEEDED, "name": SEEDED},
        *(
            {**msgspec.to_builtins(item), "kind": MENU, "_position": now + n, "_revision": secrets.token_hex(8)}
            for n, item in enumerate(menu_file())
        ),
    ]
    new = "attribute_not_exists(kind)"
    writes = [{"Put": {"TableName": name, "Item": to_attributes(row), "ConditionExpression": new}} for row in rows]
    if has_failed(transact(client, *writes), 0):
        return 0
    return len(rows) - 1
