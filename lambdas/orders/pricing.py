"""What an order costs, by the menu."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import UNSET

from lambdas.cafe.models import MenuItem, Option
from lambdas.cafe.offer import Offer
from lambdas.cafe.opening import Opening, State
from lambdas.orders.models import Item, NewItem
from lambdas.runtime.errors import FieldError, Refusal

PROBLEM = "urn:cafe:problem:"
"""What the `type` of our own problem documents begins with."""

ALWAYS = Opening("", "UTC")
"""A café that is always open, unless staff close it."""

ONE_ITEM = "name"
"""The field of the name in the short form of an order."""


class Priced(NamedTuple):
    """Items with their prices, and their total, in minor units of `currency`."""

    items: list[Item]
    total: int
    currency: str


class Pricing:
    """Checks that the café is open, checks items against the menu, and prices them.

    With `menu_only`, every item must be on the menu; otherwise an item that is not costs nothing, and no item's type is
    changed.
    """

    def __init__(
        self,
        offer: Callable[[], Offer],
        currency: str,
        *,
        menu_only: bool,
        opening: Opening = ALWAYS,
    ) -> None:
        self._offer = offer
        self._currency = currency
        self._opening = opening
        self.menu_only = menu_only

    def __call__(self, items: Sequence[NewItem], now: int, *, short: bool = False) -> Priced:
        """The items with their prices at a time (ms). Refusals name the field; `short` if the body names one item only.

        Raises `Refusal`: `conflict` while the café is closed, and for an item that is sold out; `invalid` for an item
        or option that is not on the menu, or two options of one group.
        """
        dishes, switch = self._offer()
        state = self._opening.state(now, switch)
        if not state.is_open:
            raise closed(state, ONE_ITEM if short else "items")
        menu = {item.name: item for item in dishes}
        priced = [
            self._priced(item, menu.get(item.name), ONE_ITEM if short else f"items[{n}].name", f"items[{n}].options")
            for n, item in enumerate(items)
        ]
        return Priced(priced, sum(price_of(item) * item.qty for item in priced), self._currency)

    def _priced(self, item: NewItem, dish: MenuItem | None, field: str, options_field: str) -> Item:
        if dish is None:
            if self.menu_only:
                raise not_on_menu(item.name, field)
            return _with_price(item, 0, item.type)
        if dish.sold_out:
            raise Refusal(
                "conflict",
                f"`{item.name}` is sold out.",
                errors=[FieldError(field, "Sold out")],
                extra={"type": f"{PROBLEM}sold-out"},
            )
        price = dish.price + sum(option.price for option in _chosen(item, dish, options_field))
        return _with_price(item, price, dish.type if self.menu_only else item.type)


def _chosen(item: NewItem, dish: MenuItem, field: str) -> list[Option]:
    """The item's options, at most one of a group."""
    chosen: dict[str, Option] = {}
    for n, name in enumerate(item.options or ()):
        option = dish.option(name)
        if option is None:
            raise not_on_menu(name, f"{field}[{n}]", f" for `{dish.name}`")
        if other := chosen.get(option.group):
            problem = f"Expected at most one option of `{option.group}`, got `{other.name}` and `{name}`"
            raise Refusal("invalid", "Invalid request body.", errors=[FieldError(f"{field}[{n}]", problem)])
        chosen[option.group] = option
    return list(chosen.values())


def _with_price(item: NewItem, price: int, type: str) -> Item:
    return Item(item.name, item.qty, type, item.options, item.note, price=price)


def closed(state: State, field: str) -> Refusal:
    """The refusal of an order while the café is closed."""
    opens_at = {} if state.opens_at is None else {"opensAt": state.opens_at}
    return Refusal(
        "conflict",
        "The café is closed.",
        errors=[FieldError(field, "Closed")],
        extra={"type": f"{PROBLEM}closed", **opens_at},
    )


def not_on_menu(name: str, field: str, where: str = "") -> Refusal:
    """The refusal of a name that is not on the menu."""
    return Refusal(
        "invalid",
        f"`{name}` is not on the menu{where}.",
        errors=[FieldError(field, "Not on the menu")],
        extra={"type": f"{PROBLEM}not-on-menu"},
    )


def price_of(item: Item) -> int:
    """The price of one of an item, 0 if it has none."""
    return 0 if item.price is UNSET else item.price
