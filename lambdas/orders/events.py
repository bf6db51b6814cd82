"""The events that follow from changes in the orders table, and their messages."""

from msgspec import UNSET, Struct, UnsetType, field

from lambdas.orders.models import Order, Status

TEXTS = {
    Status.CREATED: "We have received your order {id}.",
    Status.ACCEPTED: "The kitchen has accepted your order {id}.",
    Status.READY: "Your order {id} is ready for pickup.",
    Status.FILLED: "Your order {id} has been picked up. Enjoy!",
    Status.CANCELLED: "Your order {id} has been cancelled.",
}
"""The text that notifies a customer of an order's new status."""


class OrderPlaced(Struct, frozen=True):
    """A message in the orders queue: an order was placed. `correlationId` is the ID of the request that placed it.
    `_createdAt` (ms) distinguishes it from an earlier order with the same customer and ID."""

    customer: str
    id: str
    correlation_id: str = field(default="", name="correlationId")
    created_at: int = field(default=0, name="_createdAt")
    cancelled: bool | UnsetType = UNSET
    """Whether the order was accepted by the order workflow and cancelled since, so that it must be refunded."""

    @property
    def key(self) -> str:
        """A key that is unique to this order."""
        return f"{self.customer}/{self.id}/{self.created_at}"

    def is_about(self, order: Order) -> bool:
        """Whether an order with this customer and ID is the one that was placed, not a later one."""
        return order.created_at == self.created_at


class StatusChanged(Struct, frozen=True):
    """A message to the topic: an order's status changed. `_updatedAt` is in ms, `text` is for people, and
    `correlationId` is the ID of the request that caused the change."""

    customer: str
    id: str
    status: Status
    previous_status: Status = field(name="previousStatus")
    updated_at: int = field(name="_updatedAt")
    text: str
    correlation_id: str = field(default="", name="correlationId")

    @property
    def subject(self) -> str:
        """The subject of the email (SNS allows 100 ASCII characters; an ID has at most 64)."""
        return f"Order {self.id}: {self.status}"


def event_of(old: Order | None, new: Order) -> OrderPlaced | StatusChanged | None:
    """The event for a change in the table, or `None` if no one needs to know. `old` is `None` for a new order."""
    if old is None and new.status is Status.CANCELLED:
        # A queued order that was refused: nothing is to be made.
        return None
    if old is None:
        return OrderPlaced(new.customer, new.id, new.correlation_id, new.created_at)
    if old.status != new.status:
        return StatusChanged(
            customer=new.customer,
            id=new.id,
            status=new.status,
            previous_status=old.status,
            updated_at=new.updated_at,
            text=TEXTS[new.status].format(id=new.id),
            correlation_id=new.correlation_id,
        )
    return None


def refund_of(old: Order | None, new: Order) -> OrderPlaced | None:
    """The message about an order that was cancelled after it was paid for and accepted, or `None`."""
    if old is None or old.status is not Status.ACCEPTED or new.status is not Status.CANCELLED or not new.paid_revision:
        return None
    return OrderPlaced(new.customer, new.id, new.correlation_id, new.created_at, cancelled=True)
