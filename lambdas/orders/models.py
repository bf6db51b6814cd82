"""Order types, for requests, responses and storage.

These types are the only definition of the bodies: the functions parse with them, and API Gateway validates against JSON
schemas generated from them.
"""

import unicodedata
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins
from msgspec.structs import force_setattr

from lambdas.runtime.forms import OneOfForms
from lambdas.runtime.ids import Customer, OrderId

Quantity = Annotated[int, Meta(ge=1, le=99)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON client reads exactly (RFC 8259, section 6)."""

WholeNumber = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)]
RestaurantId = Annotated[str, Meta(min_length=1, max_length=64)] | WholeNumber
"""A string or an integer: older clients send either, and it is stored as sent."""


class Status(StrEnum):
    """The status of an order."""

    CREATED = "created"
    ACCEPTED = "accepted"
    READY = "ready"
    FILLED = "filled"
    CANCELLED = "cancelled"


class OrderKey(Struct, frozen=True):
    """The path parameters of one order."""

    customer: Customer
    id: OrderId


def normalized(name: str) -> str:
    """A name in the form in which names are kept and compared: NFC, without format characters such as zero-width
    spaces, and without surrounding white space. Raises `ValueError` if nothing is left."""
    if name.isascii() and name == name.strip():
        return name
    kept = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each) != "Cf").strip()
    if not kept:
        raise ValueError("Expected at least one visible character")
    return kept


class Item(Struct, forbid_unknown_fields=True, frozen=True):
    """One line of an order."""

    name: Name
    qty: Quantity
    type: Annotated[str, Meta(max_length=50)] = ""

    def __post_init__(self) -> None:
        force_setattr(self, "name", normalized(self.name))


class Content(OneOfForms, forbid_unknown_fields=True, rename={"restaurant_id": "restaurantId"}):
    """The content of an order: `items`, or `name` and `quantity` for a single item."""

    FORMS = (frozenset({"items"}), frozenset({"name", "quantity"}))

    items: Annotated[list[Item], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    restaurant_id: RestaurantId | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name is not UNSET:
            self.name = normalized(self.name)

    def lines(self) -> list[Item]:
        """The items, in either form."""
        if self.items is not UNSET:
            return self.items
        # Exactly one form is given.
        assert self.name is not UNSET
        assert self.quantity is not UNSET
        return [Item(name=self.name, qty=self.quantity)]


ServerOwned = Annotated[str, Meta(max_length=128)] | float | None | UnsetType
"""A field that only the server sets. It is allowed in a body for older clients, and ignored."""


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
    """The body of `PATCH /orders/{customer}/{id}`: the new status.

    `_filledAt` (ms) applies only to the status `filled`. Default: the server's time.
    """

    status: Status
    filled_at: WholeNumber | None = field(default=None, name="_filledAt")


HIDDEN = frozenset({"_revision", "_correlationId", "_paidRevision"})
"""Fields of a stored order that responses omit."""


class Order(Struct, kw_only=True, rename={"restaurant_id": "restaurantId"}):
    """An order, as stored and returned. Times are in ms since 1970; `_expireOn` is in seconds."""

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
    """Changes with each write. Clients see it as the order's `ETag`, not as a field."""
    correlation_id: str = field(default="", name="_correlationId")
    """The ID of the request that wrote this state. Everything that follows from it is logged with the same ID."""
    paid_revision: str | UnsetType = field(default=UNSET, name="_paidRevision")
    """The revision that was paid for, once the order workflow has accepted the order."""

    def same_content(self, other: "Order") -> bool:
        """Whether both orders have the same content, so that one is a repeated `POST` of the other."""
        return (self.items, self.restaurant_id) == (other.items, other.restaurant_id)

    def public(self) -> dict[str, object]:
        """The order as clients see it."""
        fields: dict[str, object] = to_builtins(self)
        return {name: value for name, value in fields.items() if name not in HIDDEN}
