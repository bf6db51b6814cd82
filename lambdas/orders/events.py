"""What follows from a change in the orders table, and the messages that say so."""

from msgspec import Struct, field

from lambdas.orders.models import Order, Status

TEXTS = {
    Status.CREATED: "We have your order {id}.",
    Status.ACCEPTED: "The kitchen has accepted your order {id}.",
    Status.READY: "Your order {id} is ready: come and get it.",
    Status.FILLED: "You have your order {id}. Enjoy it!",
    Status.CANCELLED: "Your order {id} has been cancelled.",
}
"""What a customer is told of an order's new status."""


class OrderPlaced(Struct, frozen=True):
    """The message in the orders queue: there is a new order. `correlationId` is the id of the request for it, and
    `_createdAt` (ms) tells it from an earlier order of the same customer and id."""

    customer: str
    id: str
    correlation_id: str = field(default="", name="correlationId")
    created_at: int = field(default=0, name="_createdAt")

    @property
    def key(self) -> str:
        """What tells this order from every other."""
        return f"{self.customer}/{self.id}/{self.created_at}"

    def is_about(self, order: Order) -> bool:
        """Whether an order of this customer and id is the one that was placed, and not a later one."""
        return order.created_at == self.created_at


class StatusChanged(Struct, frozen=True):
    """The message to the topic: an order moved on. `_updatedAt` is in ms; `text` says it to a person, and
    `correlationId` is the id of the request from which it followed."""

    customer: str
    id: str
    status: Status
    previous_status: Status = field(name="previousStatus")
    updated_at: int = field(name="_updatedAt")
    text: str
    correlation_id: str = field(default="", name="correlationId")

    @property
    def subject(self) -> str:
        """A line for those who read the message as mail (SNS: at most 100 ASCII characters; an id has 64)."""
        return f"Order {self.id}: {self.status}"


def event_of(old: Order | None, new: Order) -> OrderPlaced | StatusChanged | None:
    """The event in a change of the table: `old` is `None` for a new order. `None` for what nobody needs to know."""
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
