"""The shapes of an order, on the wire and in the program.

These types are the only description of a body: the functions parse with them, and the JSON schemas that API Gateway
validates against are made from them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins

from lambdas.runtime.forms import OneOfForms
from lambdas.runtime.ids import Customer, OrderId

Quantity = Annotated[int, Meta(ge=1, le=99)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest whole number that every JSON client reads exactly (RFC 8259, section 6)."""

WholeNumber = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)]
RestaurantId = Annotated[str, Meta(min_length=1, max_length=64)] | WholeNumber
"""Text or a whole number: earlier clients send either, and it is kept as sent."""


class Status(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    ACCEPTED = "accepted"
    READY = "ready"
    FILLED = "filled"
    CANCELLED = "cancelled"


class OrderKey(Struct, frozen=True):
    """What names one order, in a path."""

    customer: Customer
    id: OrderId


class Item(Struct, forbid_unknown_fields=True, frozen=True):
    """One line of an order."""

    name: Name
    qty: Quantity
    type: Annotated[str, Meta(max_length=50)] = ""


class Content(OneOfForms, forbid_unknown_fields=True, rename={"restaurant_id": "restaurantId"}):
    """What is ordered: `items`, or the short form `name` and `quantity` that means one item."""

    FORMS = (frozenset({"items"}), frozenset({"name", "quantity"}))

    items: Annotated[list[Item], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    restaurant_id: RestaurantId | UnsetType = UNSET

    def lines(self) -> list[Item]:
        """The items, whichever form the client chose."""
        if self.items is not UNSET:
            return self.items
        # The other form, then: one of them is given.
        assert self.name is not UNSET
        assert self.quantity is not UNSET
        return [Item(name=self.name, qty=self.quantity)]


ServerOwned = Annotated[str, Meta(max_length=128)] | float | None | UnsetType
"""A field that only the server sets: allowed in a body for the sake of older clients, and without effect."""


class NewOrder(Content, forbid_unknown_fields=True):
    """The body of `POST /orders` and `POST /orders/queued`."""

    id: OrderId | UnsetType = UNSET
    customer: Customer | UnsetType = UNSET
    status: ServerOwned = UNSET
    staff: ServerOwned = UNSET
    created_at: ServerOwned = field(default=UNSET, name="_createdAt")
    filled_at: ServerOwned = field(default=UNSET, name="_filledAt")
    expire_on: ServerOwned = field(default=UNSET, name="_expireOn")


class Replacement(Content, forbid_unknown_fields=True):
    """The body of `PUT /orders/{customer}/{id}`."""


class Move(Struct, forbid_unknown_fields=True):
    """The body of `PATCH /orders/{customer}/{id}`: the status to move to.

    `_filledAt` (ms) counts only on the move to `filled`; without it the server's clock does.
    """

    status: Status
    filled_at: WholeNumber | None = field(default=None, name="_filledAt")


HIDDEN = frozenset({"_revision", "_correlationId"})
"""Fields of a stored order that clients do not see."""


class Order(Struct, kw_only=True, rename={"restaurant_id": "restaurantId"}):
    """An order as it is stored and answered. Times are ms since 1970, `_expireOn` is whole seconds."""

    id: str
    customer: str
    status: Status
    items: list[Item]
    restaurant_id: str | int | UnsetType = UNSET
    staff: str | UnsetType = UNSET
    created_at: int = field(name="_createdAt")
    filled_at: int | None = field(default=None, name="_filledAt")
    updated_at: int = field(name="_updatedAt")
    expire_on: int = field(name="_expireOn")
    revision: str = field(default="", name="_revision")
    """Another one after each write; clients see it as the order's `ETag`, not among its fields."""
    correlation_id: str = field(default="", name="_correlationId")
    """The id of the request that wrote this state: what follows from it is logged under the same."""

    def same_content(self, other: "Order") -> bool:
        """Whether both ask for the same things: what makes a repeated `POST` a repetition."""
        return (self.items, self.restaurant_id) == (other.items, other.restaurant_id)

    def public(self) -> dict[str, object]:
        """The order as clients see it."""
        fields: dict[str, object] = to_builtins(self)
        return {name: value for name, value in fields.items() if name not in HIDDEN}
