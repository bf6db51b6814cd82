"""What follows from a change in the orders table, and the messages that say so."""

from msgspec import Struct, field

from lambdas.orders.models import Order, Status


class OrderPlaced(Struct):
    """The message in the orders queue: there is a new order."""

    customer: str
    id: str


class StatusChanged(Struct):
    """The message to the topic: an order moved on. `_updatedAt` is in ms."""

    customer: str
    id: str
    status: Status
    previous_status: Status = field(name="previousStatus")
    updated_at: int = field(name="_updatedAt")

    @property
    def subject(self) -> str:
        """A line for those who read the message as mail (SNS: at most 100 ASCII characters; an id has 64)."""
        return f"Order {self.id}: {self.status}"


def event_of(old: Order | None, new: Order) -> OrderPlaced | StatusChanged | None:
    """The event in a change of the table: `old` is `None` for a new order. `None` for what nobody needs to know."""
    if old is None:
        return OrderPlaced(new.customer, new.id)
    if old.status != new.status:
        return StatusChanged(new.customer, new.id, new.status, old.status, new.updated_at)
    return None
