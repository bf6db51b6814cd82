"""The steps that take an order through payment and kitchen. Each step is idempotent.

A step returns an `outcome`, by which the state machine chooses the next step. An exception means that the result is
unknown, and the state machine retries the step.
"""

from typing import Protocol

from msgspec import UNSET, Struct

from lambdas.orders.events import OrderPlaced
from lambdas.orders.models import Status
from lambdas.orders.service import Orders


class Payments(Protocol):
    """The port to the payment provider. Each operation takes effect once per key."""

    def charge(self, key: str, amount: int) -> bool:
        """Charge an amount in minor units. Return whether it is paid."""

    def refund(self, key: str) -> bool:
        """Refund the payment. Return whether there was anything to refund."""


class Outcome(Struct):
    """The result of a step. `amount` is in minor units, and `revision` is the order's revision that has this price.
    `reason` is for people who inspect an execution. `waited_ms` is the time from an order's creation to its acceptance,
    if this step accepted it."""

    outcome: str
    amount: int = 0
    revision: str = ""
    reason: str = ""
    waited_ms: int | None = None


class Workflow:
    """The steps, in order, and their compensations."""

    def __init__(self, orders: Orders, payments: Payments) -> None:
        self._orders = orders
        self._payments = payments

    def check(self, placed: OrderPlaced) -> Outcome:
        """`good`, with the order's price; `refused` if it cannot be made; `gone` if it needs no more work."""
        order = self._orders.find(placed)
        if order is None or order.status is not Status.CREATED:
            return Outcome("gone", reason="there is no such order" if order is None else f"it is {order.status}")
        if order.total is UNSET:
            return Outcome("refused", reason="it has no price")
        return Outcome("good", order.total, order.revision)

    def pay(self, placed: OrderPlaced, amount: int) -> Outcome:
        """`paid` or `declined`. What costs nothing is paid."""
        if amount == 0:
            return Outcome("paid")
        return Outcome("paid" if self._payments.charge(placed.key, amount) else "declined", amount)

    def confirm(self, placed: OrderPlaced, revision: str) -> Outcome:
        """`accepted`, also if it was already accepted as it was paid for; `gone` if the order was cancelled, deleted,
        or changed since `revision`, which was paid for."""
        accepted = self._orders.accept(placed, revision)
        if accepted is not None:
            return Outcome("accepted", waited_ms=accepted.updated_at - accepted.created_at)
        order = self._orders.find(placed)
        if order is None or order.status is Status.CANCELLED:
            return Outcome("gone", reason="it was cancelled or deleted")
        if order.paid_revision != revision:
            return Outcome("gone", reason="it was changed after payment")
        return Outcome("accepted", reason="it was already accepted")

    def refund(self, placed: OrderPlaced) -> Outcome:
        """`refunded`, or `nothing to refund`."""
        return Outcome("refunded" if self._payments.refund(placed.key) else "nothing to refund")

    def cancel(self, placed: OrderPlaced) -> Outcome:
        """`cancelled`, or `left` unchanged if it is too late or the order is already cancelled."""
        return Outcome("left" if self._orders.cancel(placed) is None else "cancelled")
