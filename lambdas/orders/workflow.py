"""The steps of an order's way through payment and kitchen, each of which may run twice with the effect of once.

What a step finds out is its answer's `outcome`, by which the state machine chooses the next; an exception means that
nobody knows, and the step is tried again.
"""

from typing import Protocol

from msgspec import Struct

from lambdas.orders import menu
from lambdas.orders.events import OrderPlaced
from lambdas.orders.models import Status
from lambdas.orders.service import Orders
from lambdas.runtime.errors import Refusal


class Payments(Protocol):
    """Where money comes from and goes back to, once for each key."""

    def charge(self, key: str, amount: int) -> bool:
        """Take an amount in minor units; whether it is paid."""

    def refund(self, key: str) -> bool:
        """Give back what was paid; whether there was anything left to give back."""


class Outcome(Struct):
    """What came of a step. `amount` is in minor units, and `revision` is the state of the order that costs it;
    `reason` is for the person who looks into an execution; `waited_ms` is how long an order that is accepted now has
    waited for it."""

    outcome: str
    amount: int = 0
    revision: str = ""
    reason: str = ""
    waited_ms: int | None = None


class Workflow:
    """The steps, in their order, and those that undo them."""

    def __init__(self, orders: Orders, payments: Payments) -> None:
        self._orders = orders
        self._payments = payments

    def check(self, placed: OrderPlaced) -> Outcome:
        """`good` with what the order costs; `refused` when it cannot be made; `gone` when it needs no more work."""
        order = self._orders.find(placed)
        if order is None or order.status is not Status.CREATED:
            return Outcome("gone", reason="there is no such order" if order is None else f"it is {order.status}")
        try:
            return Outcome("good", menu.amount(order.items), order.revision)
        except Refusal as refusal:
            return Outcome("refused", reason=refusal.detail)

    def pay(self, placed: OrderPlaced, amount: int) -> Outcome:
        """`paid` or `declined`."""
        return Outcome("paid" if self._payments.charge(placed.key, amount) else "declined", amount)

    def confirm(self, placed: OrderPlaced, revision: str) -> Outcome:
        """`accepted`, also when it was before; `gone` when the customer has cancelled in the meantime, or has changed
        what was paid for in `revision`."""
        accepted = self._orders.accept(placed, revision)
        if accepted is not None:
            return Outcome("accepted", waited_ms=accepted.updated_at - accepted.created_at)
        order = self._orders.find(placed)
        if order is None or order.status is Status.CANCELLED:
            return Outcome("gone", reason="the customer has cancelled")
        if order.status is Status.CREATED:
            return Outcome("gone", reason="the customer has changed it since it was paid for")
        return Outcome("accepted", reason="it was before")

    def refund(self, placed: OrderPlaced) -> Outcome:
        """`refunded`, or `nothing to refund`."""
        return Outcome("refunded" if self._payments.refund(placed.key) else "nothing to refund")

    def cancel(self, placed: OrderPlaced) -> Outcome:
        """`cancelled`, or `left` as it is when it is too late or somebody else was first."""
        return Outcome("left" if self._orders.cancel(placed) is None else "cancelled")
