"""The types of the menu, for requests, responses and storage."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import force_setattr

from lambdas.runtime.texts import normalized, one_line

Price = Annotated[int, Meta(ge=0, le=1_000_000)]
"""A price in minor units (cents), tax included."""

MAX_NAME, MAX_GROUP = 100, 50

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]

Picture = Annotated[
    str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.#-]*(/[A-Za-z0-9_-][A-Za-z0-9_.#-]*)*(?![\s\S])")
]
"""A path below the site's address, so that a picture is never loaded from elsewhere."""

MAX_OPTIONS = 20
"""Options of one item. With `MAX_ITEMS`, the whole menu fits into the response of a function."""

MAX_ITEMS = 200


def menu_name(text: str, field: str, length: int) -> str:
    """A name on the menu as it is kept. Raises `ValueError` for control characters, or if it is too long."""
    return normalized(one_line(text, field, length), field, length)


class MenuKey(Struct, frozen=True):
    """The path parameter of one item."""

    name: Name

    def __post_init__(self) -> None:
        force_setattr(self, "name", menu_name(self.name, "name", MAX_NAME))


class Option(Struct, forbid_unknown_fields=True, frozen=True):
    """A choice that adds to an item's price. An order has at most one option of a `group`."""

    name: Name
    group: Annotated[str, Meta(min_length=1, max_length=MAX_GROUP)]
    price: Price = 0

    def __post_init__(self) -> None:
        force_setattr(self, "name", menu_name(self.name, "name", MAX_NAME))
        force_setattr(self, "group", menu_name(self.group, "group", MAX_GROUP))


class MenuItemBody(Struct, forbid_unknown_fields=True, kw_only=True, rename={"sold_out": "soldOut"}):
    """The body of `PUT /menu/{name}`."""

    type: Annotated[str, Meta(max_length=50)] = ""
    price: Price
    picture: Picture | UnsetType = UNSET
    sold_out: bool = False
    options: Annotated[list[Option], Meta(max_length=MAX_OPTIONS)] = []

    def __post_init__(self) -> None:
        names = [option.name for option in self.options]
        if len(set(names)) < len(names):
            raise ValueError("Expected options with different names")


class MenuItem(MenuItemBody, kw_only=True):
    """An item on the menu."""

    name: str

    def option(self, name: str) -> Option | None:
        """The option with this name, or `None`."""
        return next((option for option in self.options if option.name == name), None)


class StoredItem(MenuItem, forbid_unknown_fields=False, kw_only=True):
    """An item as stored. `_position` (ms) sorts the menu, and `_revision` changes with each write."""

    position: int = field(name="_position")
    revision: str = field(name="_revision")


class Menu(Struct, rename={"tax_percent": "taxPercent"}):
    """The menu, as returned. Prices are in minor units of `currency` and include `taxPercent` of tax."""

    currency: str
    tax_percent: int | float
    items: list[MenuItem]


class CafeChange(Struct, forbid_unknown_fields=True):
    """The body of `PATCH /cafe`: `true` and `false` open and close the café, `null` lets its hours decide."""

    open: bool | None


class Cafe(Struct, rename="camel"):
    """The café's state. `opensAt` and `closesAt` (ms) are there if its hours decide. `waiting` is the number of open
    orders, and `minutes` the estimate for the next one, null while there is nothing to estimate from."""

    open: bool
    time_zone: str
    waiting: int
    minutes: int | None
    opens_at: int | UnsetType = UNSET
    closes_at: int | UnsetType = UNSET
