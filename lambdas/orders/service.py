"""The use cases for orders, one method each."""

import secrets
import time
from collections.abc import Callable, Collection, Mapping

from msgspec import UNSET

from lambdas.orders.access import check_customer, check_delete, check_move
from lambdas.orders.events import OrderPlaced
from lambdas.orders.lifecycle import ANY_STATUS, OPEN, TAKE_BACK_MS, TAKEN_BACK, sources
from lambdas.orders.models import MAX_NOTE, Content, Item, Move, NewOrder, Order, Replacement, Status
from lambdas.orders.pricing import Priced, Pricing
from lambdas.orders.store import Numbers, Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

SECONDS_PER_DAY = 86_400

CANCEL_ATTEMPTS = 10
"""The maximum number of attempts to cancel an order under concurrent changes."""


def new_revision() -> str:
    """A random ID for this state of an order."""
    return secrets.token_hex(8)


class Orders:
    """The use cases. An order is kept for `retention_days` after its creation. A customer has at most `open_orders` (0:
    any number). `has_workflow`: the order workflow accepts orders, nobody else. `pricing` checks and prices what is
    ordered, and `numbers` are called out; only uses that order something need them. `refused` counts a customer's
    refused orders of a date up to a limit, and returns whether it is one of them."""

    def __init__(
        self,
        store: Store,
        retention_days: int,
        now: Callable[[], int] = now_ms,
        *,
        open_orders: int = 0,
        has_workflow: bool = False,
        pricing: Pricing | None = None,
        numbers: Numbers | None = None,
        refused: Callable[[str, str, int, int], bool] = lambda customer, date, limit, now: True,
    ) -> None:
        self._store = store
        self._retention_days = retention_days
        self._open_orders = open_orders
        self._now = now
        self._has_workflow = has_workflow
        self._pricing = pricing
        self._numbers = numbers
        self._refused = refused

    def create(self, caller: Caller, body: NewOrder, *, id: str | None = None) -> tuple[Order, bool]:
        """Place an order once. Return the order and whether it is new.

        `id` overrides the body's ID: a queued order uses its message's ID. A repeated ID with the same content returns
        the stored order; with different content, it is a conflict.
        """
        customer = caller.name if body.customer is UNSET else body.customer
        check_customer(caller, customer)
        now = self._now()
        chosen = id or body.id or new_id(now)
        # Before all checks: an order that is stored is answered, whatever has changed since.
        if (id or body.id) and (stored := self._store.get(customer, chosen)):
            return self._repeated(stored, body), False
        order = self._new_order(caller, customer, chosen, body, now)
        stored = self._insert(order, 0 if caller.is_staff else self._open_orders)
        return (order, True) if stored is None else (self._repeated(stored, body), False)

    def refuse(self, caller: Caller, body: NewOrder, id: str, reason: str) -> bool:
        """Store an order that cannot be made as cancelled, so that its customer learns why, up to `open_orders` a day.
        Return whether it is stored."""
        now = self._now()
        date = time.strftime("%Y-%m-%d", time.gmtime(now / 1000))
        if self._open_orders and not self._refused(caller.name, date, self._open_orders, now):
            return False
        items = [Item(it.name, it.qty, it.type, it.options, it.note) for it in body.lines()]
        order = self._order(caller, caller.name, id, body, items, now)
        order.status, order.reason = Status.CANCELLED, reason[:MAX_NOTE]
        self._store.insert(order)
        return True

    def _insert(self, order: Order, limit: int) -> Order | None:
        """Store a new order with a number. Return the order that is there already, if any."""
        if self._numbers is None:
            return self._store.insert(order, limit)
        order.number = number = self._numbers.take(order)
        try:
            stored = self._store.insert(order, limit)
        except Refusal:
            self._numbers.give_back(number, order)
            raise
        # Any other exception leaves open whether it was stored.
        if stored is None or stored.revision == order.revision:
            return None
        self._numbers.give_back(number, order)
        return stored

    def _new_order(self, caller: Caller, customer: str, id: str, body: NewOrder, now: int) -> Order:
        priced = self._priced(body, now)
        order = self._order(caller, customer, id, body, priced.items, now)
        order.total, order.currency = priced.total, priced.currency
        return order

    def _order(self, caller: Caller, customer: str, id: str, body: NewOrder, items: list[Item], now: int) -> Order:
        return Order(
            id=id,
            customer=customer,
            status=Status.CREATED,
            items=items,
            restaurant_id=body.restaurant_id,
            pickup_name=body.pickup_name,
            created_at=now,
            updated_at=now,
            expire_on=now // 1000 + self._retention_days * SECONDS_PER_DAY,
            revision=new_revision(),
            correlation_id=caller.correlation_id,
        )

    def _priced(self, body: Content, now: int) -> Priced:
        assert self._pricing is not None
        return self._pricing(body.lines(), now, short=body.items is UNSET)

    def _repeated(self, stored: Order, body: NewOrder) -> Order:
        """The stored order, if the body asks for it again."""
        assert self._pricing is not None
        if not stored.has_content_of(body, with_type=not self._pricing.menu_only):
            raise Refusal("conflict", f"Order `{stored.id}` already exists with different content.")
        return stored

    def get(self, caller: Caller, customer: str, id: str) -> Order:
        """One order: the caller's, or any customer's for staff."""
        check_customer(caller, customer)
        order = self._store.get(customer, id)
        if order is None:
            raise Refusal("missing", f"There is no order `{id}`.")
        return order

    def page(
        self, caller: Caller, customer: str | None, status: Status | None, limit: int, after: str | None
    ) -> Page[Order]:
        """Orders, newest first: the caller's; for staff, those of `customer` or everyone's."""
        if customer is None and not caller.is_staff:
            customer = caller.name
        if customer is not None:
            check_customer(caller, customer)
        return self._store.page(customer, status, limit, after)

    def move(self, caller: Caller, customer: str, id: str, move: Move, match: Collection[str] | None = None) -> Order:
        """Change an order's status, on condition that its revision is in `match`, if given."""
        check_customer(caller, customer)
        check_move(caller, move.status)
        if move.reason is not UNSET and move.status is not Status.CANCELLED:
            problem = FieldError("reason", f"Expected no reason for the status `{move.status}`")
            raise Refusal("invalid", "Only a cancellation has a reason.", errors=[problem])
        now = self._now()
        changes: dict[str, object] = {
            "status": move.status,
            "_movedAt": now if caller.is_staff else 0,
            **_write_fields(now, caller.correlation_id),
        }
        if caller.is_staff:
            changes["staff"] = caller.name
        if move.status is Status.FILLED:
            changes["_filledAt"] = now if move.filled_at is None else move.filled_at
        if move.reason is not UNSET:
            changes["reason"] = move.reason
        try:
            return self._store.update(customer, id, changes, self._sources(move.status), match)
        except Refusal as refusal:
            if refusal.reason != "conflict":
                raise
            if caller.is_staff and (order := self._take_back(customer, id, move.status, changes)):
                return order
            if self._has_workflow and move.status is Status.ACCEPTED:
                raise Refusal("conflict", "The order workflow accepts orders, once they are paid for.") from None
            raise

    def _take_back(self, customer: str, id: str, target: Status, changes: Mapping[str, object]) -> Order | None:
        """Take an order back to `target`, if staff moved it on less than a minute ago; otherwise return `None`.

        An order that was paid for cannot become `created` again, because its customer could change it then.
        """
        order = self._store.get(customer, id)
        if order is None or order.status is not TAKEN_BACK.get(target):
            return None
        if order.moved_at < self._now() - TAKE_BACK_MS:
            return None
        if target is Status.CREATED and (self._has_workflow or order.paid_revision):
            return None
        undone = {**changes, "_movedAt": 0, "_filledAt": None}
        return self._store.update(customer, id, undone, {order.status}, {order.revision})

    def _sources(self, target: Status) -> frozenset[Status]:
        """The statuses from which an order may be moved to `target`."""
        return frozenset() if self._has_workflow and target is Status.ACCEPTED else sources(target)

    def replace(
        self, caller: Caller, customer: str, id: str, body: Replacement, match: Collection[str] | None = None
    ) -> Order:
        """Replace an order's content: a customer while it is `created`, staff while it is in progress."""
        check_customer(caller, customer)
        when = OPEN if caller.is_staff else {Status.CREATED}
        changes = {**self._content(body), **_write_fields(self._now(), caller.correlation_id)}
        return self._store.update(customer, id, changes, when, match)

    def delete(self, caller: Caller, customer: str, id: str, match: Collection[str] | None = None) -> None:
        """Delete an order permanently, on condition that its revision is in `match`, if given. A customer cannot delete
        an order that is `ready`."""
        check_delete(caller)
        check_customer(caller, customer)
        # An order that is ready was made and is not paid for yet. The workflow refunds what is cancelled, not deleted.
        when = ANY_STATUS if caller.is_staff else ANY_STATUS - {Status.READY}
        when -= {Status.ACCEPTED} if self._has_workflow else set()
        if not self._store.delete(customer, id, match, when):
            raise Refusal("missing", f"There is no order `{id}`.")

    def accept(self, placed: OrderPlaced, revision: str | None = None) -> Order | None:
        """Accept a new order for the kitchen. `None` if its status has changed, it was deleted, or its revision is not
        `revision`, if given.

        A duplicate message finds the order accepted and changes nothing.
        """
        return self._move(placed, Status.ACCEPTED, revision, {"_paidRevision": revision} if revision else {})

    def cancel(self, placed: OrderPlaced) -> Order | None:
        """Cancel an order for the café. `None` if it is too late, or it is already cancelled."""
        for _ in range(CANCEL_ATTEMPTS):
            order = self.find(placed)
            if order is None or order.status not in sources(Status.CANCELLED):
                return None
            # A concurrent change of the order must not prevent the cancellation.
            if cancelled := self._move(placed, Status.CANCELLED, order.revision):
                return cancelled
        raise Refusal("conflict", f"Order `{placed.id}` keeps changing.")

    def find(self, placed: OrderPlaced) -> Order | None:
        """The order that was placed, without an access check, or `None`."""
        order = self._store.get(placed.customer, placed.id)
        return order if order is not None and placed.is_about(order) else None

    def _content(self, body: Content) -> dict[str, object]:
        """The fields that a replacement sets. The restaurant is unchanged unless the body names one."""
        priced = self._priced(body, self._now())
        restaurant = {} if body.restaurant_id is UNSET else {"restaurantId": body.restaurant_id}
        return {"items": priced.items, "total": priced.total, "currency": priced.currency, **restaurant}

    def _move(
        self, placed: OrderPlaced, target: Status, revision: str | None, more: Mapping[str, object] = {}
    ) -> Order | None:
        changes = {"status": target, **more, **_write_fields(self._now(), placed.correlation_id)}
        match = None if revision is None else {revision}
        try:
            return self._store.update(placed.customer, placed.id, changes, sources(target), match)
        except Refusal:
            return None


def _write_fields(now: int, correlation_id: str) -> dict[str, object]:
    """The fields that every write sets."""
    return {"_updatedAt": now, "_revision": new_revision(), "_correlationId": correlation_id}
