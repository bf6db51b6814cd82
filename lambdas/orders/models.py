"""Order types, for requests, responses and storage.

These types are the only definition of the bodies: the functions parse with them, and API Gateway validates against JSON
schemas generated from them.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field, to_builtins
from msgspec.structs import force_setattr

from lambdas.runtime.forms import OneOfForms
from lambdas.runtime.ids import Customer, OrderId
from lambdas.runtime.texts import normalized, one_line

Quantity = Annotated[int, Meta(ge=1, le=99)]
MAX_NAME = 100
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]

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


MAX_NOTE = 140

Note = Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)]
"""A line for people to read, without control characters."""

MAX_PICKUP_NAME = 40

PickupName = Annotated[str, Meta(min_length=1, max_length=MAX_PICKUP_NAME)]

MAX_OPTIONS = 8


class NewItem(Struct, forbid_unknown_fields=True, frozen=True):
    """One line of an order, in requests."""

    name: Name
    qty: Quantity
    type: Annotated[str, Meta(max_length=50)] = ""
    options: Annotated[list[Name], Meta(max_length=MAX_OPTIONS)] | UnsetType = UNSET
    note: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        force_setattr(self, "name", normalized(self.name, "name", MAX_NAME))
        if self.options is not UNSET:
            # No options are the same as none given.
            options = [normalized(option, "options", MAX_NAME) for option in self.options]
            force_setattr(self, "options", options or UNSET)
        if self.note is not UNSET:
            force_setattr(self, "note", one_line(self.note, "note", MAX_NOTE))


class Item(Struct, frozen=True):
    """One line of an order, as stored and returned. `price` is for one of it, with its options, in minor units.

    Only requests are validated: an item that was stored can always be read.
    """

    name: str
    qty: int
    type: str = ""
    options: list[str] | UnsetType = UNSET
    note: str | UnsetType = UNSET
    price: int | UnsetType = UNSET


def content(item: NewItem | Item, *, with_type: bool) -> tuple[object, ...]:
    """What was ordered, to compare two items. The order of the options does not matter."""
    return item.name, item.qty, frozenset(item.options or ()), item.note, item.type if with_type else ""


class Content(OneOfForms, forbid_unknown_fields=True, rename={"restaurant_id": "restaurantId"}):
    """The content of an order: `items`, or `name` and `quantity` for a single item."""

    FORMS = (frozenset({"items"}), frozenset({"name", "quantity"}))

    items: Annotated[list[NewItem], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET
    restaurant_id: RestaurantId | UnsetType = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name is not UNSET:
            self.name = normalized(self.name, "name", MAX_NAME)

    def lines(self) -> list[NewItem]:
        """The items, in either form."""
        if self.items is not UNSET:
            return self.items
        # Exactly one form is given.
        assert self.name is not UNSET
        assert self.quantity is not UNSET
        return [NewItem(name=self.name, qty=self.quantity)]


ServerOwned = Annotated[str, Meta(max_length=128)] | float | None | UnsetType
"""A field that only the server sets. It is allowed in a body for older clients, and ignored."""


class NewOrder(
    Content, forbid_unknown_fields=True, rename={"restaurant_id": "restaurantId", "pickup_name": "pickupName"}
):
    """The body of `POST /orders` and `POST /orders/queued`."""

    id: OrderId | UnsetType = UNSET
    customer: Customer | UnsetType = UNSET
    pickup_name: PickupName | UnsetType = UNSET
    status: ServerOwned = UNSET
    staff: ServerOwned = UNSET
    created_at: ServerOwned = field(default=UNSET, name="_createdAt")
    filled_at: ServerOwned = field(default=UNSET, name="_filledAt")
    expire_on: ServerOwned = field(default=UNSET, name="_expireOn")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pickup_name is not UNSET:
            self.pickup_name = one_line(self.pickup_name, "pickupName", MAX_PICKUP_NAME)


class Replacement(Content, forbid_unknown_fields=True):
    """The body of `PUT /orders/{customer}/{id}`."""


class Move(Struct, forbid_unknown_fields=True):
    """The body of `PATCH /orders/{customer}/{id}`: the new status.

    `_filledAt` (ms) applies only to the status `filled`. Default: the server's time. `reason` applies only to
    `cancelled`: the customer reads it.
    """

    status: Status
    filled_at: WholeNumber | None = field(default=None, name="_filledAt")
    reason: Note | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.reason is not UNSET:
            self.reason = one_line(self.reason, "reason", MAX_NOTE)


HIDDEN = frozenset({"_revision", "_correlationId", "_paidRevision", "_movedAt"})
"""Fields of a stored order that responses omit."""


class Order(Struct, kw_only=True, rename={"restaurant_id": "restaurantId", "pickup_name": "pickupName"}):
    """An order, as stored and returned. Times are in ms since 1970; `_expireOn` is in seconds.

    `total` is in minor units of `currency`. Orders from before the menu had prices have neither."""

    id: str
    customer: str
    status: Status
    items: list[Item]
    restaurant_id: str | int | UnsetType = UNSET
    pickup_name: str | UnsetType = UNSET
    number: int | UnsetType = UNSET
    """The number that staff call out."""
    total: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    """Why it was cancelled."""
    staff: str | UnsetType = UNSET
    created_at: int = field(name="_createdAt")
    filled_at: int | None = field(default=None, name="_filledAt")
    updated_at: int = field(name="_updatedAt")
    expire_on: int = field(name="_expireOn")
    revision: str = field(default="", name="_revision")
    """Changes with each write. Clients see it as the order's `ETag`, not as a field."""
    correlation_id: str = field(default="", name="_correlationId")
    """The ID of the request that wrote this state. Everything that follows from it is logged with the same ID."""
    moved_at: int = field(default=0, name="_movedAt")
    """When staff made its last move (ms); 0 if it was not made by staff, or took one back."""
    paid_revision: str | UnsetType = field(default=UNSET, name="_paidRevision")
    """The revision that was paid for, once the order workflow has accepted the order."""

    def has_content_of(self, body: NewOrder, *, with_type: bool) -> bool:
        """Whether a body asks for this order, so that it is a repeated `POST`. Prices do not matter, and types only
        `with_type`: the menu may have changed."""
        stored, wanted = ([content(it, with_type=with_type) for it in items] for items in (self.items, body.lines()))
        others = (self.restaurant_id, self.pickup_name) == (body.restaurant_id, body.pickup_name)
        return stored == wanted and others

    def public(self) -> dict[str, object]:
        """The order as clients see it."""
        fields: dict[str, object] = to_builtins(self)
        return {name: value for name, value in fields.items() if name not in HIDDEN}
