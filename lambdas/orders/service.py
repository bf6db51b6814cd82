"""What the café does with orders, one method a use case."""

import secrets
from collections.abc import Callable, Collection

from msgspec import UNSET

from lambdas.orders.access import check_customer, check_delete, check_move
from lambdas.orders.events import OrderPlaced
from lambdas.orders.lifecycle import OPEN, sources
from lambdas.orders.models import Content, Move, NewOrder, Order, Replacement, Status
from lambdas.orders.store import Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

SECONDS_PER_DAY = 86_400

CANCEL_ATTEMPTS = 10
"""How often the café tries to cancel an order that somebody changes at the same time."""


def new_revision() -> str:
    """What tells this state of an order from every other."""
    return secrets.token_hex(8)


class Orders:
    """The use cases. `retention_days` is how long an order is kept after its creation."""

    def __init__(self, store: Store, retention_days: int, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._retention_days = retention_days
        self._now = now

    def create(self, caller: Caller, body: NewOrder, *, id: str | None = None) -> tuple[Order, bool]:
        """Place an order once; the answer says whether it is new.

        `id` overrides the body's: a queued order has its message's. The same id again with the same content is the
        stored order; with other content it is a conflict.
        """
        customer = caller.name if body.customer is UNSET else body.customer
        check_customer(caller, customer)
        now = self._now()
        order = Order(
            id=id or (new_id(now) if body.id is UNSET else body.id),
            customer=customer,
            status=Status.CREATED,
            items=body.lines(),
            restaurant_id=body.restaurant_id,
            created_at=now,
            updated_at=now,
            expire_on=now // 1000 + self._retention_days * SECONDS_PER_DAY,
            revision=new_revision(),
            correlation_id=caller.correlation_id,
        )
        stored = self._store.insert(order)
        if stored is None:
            return order, True
        if not stored.same_content(order):
            raise Refusal("conflict", f"There is an order `{order.id}` already, with other content.")
        return stored, False

    def get(self, caller: Caller, customer: str, id: str) -> Order:
        """One order."""
        check_customer(caller, customer)
        order = self._store.get(customer, id)
        if order is None:
            raise Refusal("missing", f"There is no order `{id}`.")
        return order

    def page(
        self, caller: Caller, customer: str | None, status: Status | None, limit: int, after: str | None
    ) -> Page[Order]:
        """Orders, newest first: the caller's own; for staff those of `customer`, or everyone's."""
        if customer is None and not caller.is_staff:
            customer = caller.name
        if customer is not None:
            check_customer(caller, customer)
        return self._store.page(customer, status, limit, after)

    def move(self, caller: Caller, customer: str, id: str, move: Move, match: Collection[str] | None = None) -> Order:
        """Move an order along its lifecycle, if its revision is one of `match`, where that is given."""
        check_customer(caller, customer)
        check_move(caller, move.status)
        now = self._now()
        changes: dict[str, object] = {"status": move.status, **_touched(now, caller.correlation_id)}
        if caller.is_staff:
            changes["staff"] = caller.name
        if move.status is Status.FILLED:
            changes["_filledAt"] = now if move.filled_at is None else move.filled_at
        return self._store.update(customer, id, changes, sources(move.status), match)

    def replace(
        self, caller: Caller, customer: str, id: str, body: Replacement, match: Collection[str] | None = None
    ) -> Order:
        """Change what is ordered: a customer while nobody has looked at it, staff while it is being worked on."""
        check_customer(caller, customer)
        when = OPEN if caller.is_staff else {Status.CREATED}
        changes = {**_content(body), **_touched(self._now(), caller.correlation_id)}
        return self._store.update(customer, id, changes, when, match)

    def delete(self, caller: Caller, customer: str, id: str, match: Collection[str] | None = None) -> None:
        """Remove an order for good, if its revision is one of `match`, where that is given."""
        check_delete(caller)
        check_customer(caller, customer)
        if not self._store.delete(customer, id, match):
            raise Refusal("missing", f"There is no order `{id}`.")

    def accept(self, placed: OrderPlaced, revision: str | None = None) -> Order | None:
        """The kitchen takes a new order; `None` when it has moved on, or gone, in the meantime, or is no longer as it
        was in `revision`, where that is given.

        A message that comes twice finds the order accepted and changes nothing.
        """
        return self._move(placed, Status.ACCEPTED, revision)

    def cancel(self, placed: OrderPlaced) -> Order | None:
        """The café gives an order up; `None` when it is too late for that, or has been done."""
        for _ in range(CANCEL_ATTEMPTS):
            order = self.find(placed)
            if order is None or order.status not in sources(Status.CANCELLED):
                return None
            # Somebody may have changed the order since: that is no reason to leave it.
            if cancelled := self._move(placed, Status.CANCELLED, order.revision):
                return cancelled
        raise Refusal("conflict", f"Order `{placed.id}` changes all the time.")

    def find(self, placed: OrderPlaced) -> Order | None:
        """The order that was placed, for the café's own use."""
        order = self._store.get(placed.customer, placed.id)
        return order if order is not None and placed.is_about(order) else None

    def _move(self, placed: OrderPlaced, target: Status, revision: str | None) -> Order | None:
        changes = {"status": target, **_touched(self._now(), placed.correlation_id)}
        match = None if revision is None else {revision}
        try:
            return self._store.update(placed.customer, placed.id, changes, sources(target), match)
        except Refusal:
            return None


def _touched(now: int, correlation_id: str) -> dict[str, object]:
    """The fields that change with every write."""
    return {"_updatedAt": now, "_revision": new_revision(), "_correlationId": correlation_id}


def _content(body: Content) -> dict[str, object]:
    """The fields that a replacement sets; the restaurant stays when the body does not name one."""
    restaurant = {} if body.restaurant_id is UNSET else {"restaurantId": body.restaurant_id}
    return {"items": body.lines(), **restaurant}
