"""The payee's use cases, one method each, and drafts for the café's orders."""

import hashlib
from collections.abc import Callable

from msgspec import UNSET, UnsetType, structs

from lambdas.invoices.currencies import CODES
from lambdas.invoices.ledger import Entry, EntryKind
from lambdas.invoices.models import CAFE, InvoiceChanges, InvoiceStatus, NewInvoice, StoredInvoice
from lambdas.invoices.store import Store
from lambdas.invoices.writing import Change, Writer
from lambdas.orders.models import Order
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

MISSING = "Not found."

MAX_OPEN_INVOICES = 1_000
"""The maximum number of a payee's drafts and unpaid invoices. The café's own are not limited."""


class Invoices:
    """The use cases. Another user's invoice is `missing` to the caller; staff see all invoices, and may change the
    café's. `has_photo` returns whether a user has a photo with an ID."""

    def __init__(
        self, store: Store, has_photo: Callable[[str, str], bool], writer: Writer, now: Callable[[], int] = now_ms
    ) -> None:
        self._store = store
        self._has_photo = has_photo
        self._writer = writer
        self._now = now

    def create(self, caller: Caller, body: NewInvoice) -> StoredInvoice:
        """Create a draft."""
        if body.currency not in CODES:
            raise invalid_field("currency", f"expected an active ISO 4217 code such as `EUR`, got `{body.currency}`")
        self._check_attachment(caller.name, body.attachment)
        now = self._now()
        draft = StoredInvoice(
            id=new_id(now),
            user_id=caller.name,
            status=InvoiceStatus.DRAFT,
            created_at=now,
            updated_at=now,
            **structs.asdict(body),
        )
        made = self._writer.write(
            caller.name, draft.id, caller.name, lambda before: Change(EntryKind.CREATED, draft), MAX_OPEN_INVOICES
        )
        assert made is not None
        return made

    def get(self, caller: Caller, id: str) -> StoredInvoice:
        """One invoice: the caller's, or anyone's for staff."""
        invoice = self._store.get(caller.name, id)
        if invoice is None and caller.is_staff:
            invoice = self._store.find(id)
        return require(invoice)

    def page(self, caller: Caller, status: InvoiceStatus | None, limit: int, after: str | None) -> Page[StoredInvoice]:
        """Invoices, newest first: the caller's, or everyone's for staff."""
        return self._store.page(None if caller.is_staff else caller.name, status, limit, after)

    def entries(self, caller: Caller, id: str, limit: int, after: int) -> list[Entry]:
        """The ledger entries of one invoice, oldest first: up to `limit` entries after number `after`."""
        return self._store.entries(self.get(caller, id).id, limit, after)

    def update(self, caller: Caller, id: str, body: InvoiceChanges) -> StoredInvoice:
        """Change a draft."""
        changes = {name: value for name, value in structs.asdict(body).items() if value is not UNSET}
        user = self.get_own(caller, id).user_id
        self._check_attachment(caller.name, body.attachment)

        def decide(before: StoredInvoice | None) -> Change | None:
            draft = require(before)
            if draft.status is not InvoiceStatus.DRAFT:
                raise Refusal("conflict", f"The invoice is `{draft.status}`; only a `draft` can be changed.")
            after = structs.replace(draft, **changes)
            return None if after == draft else Change(EntryKind.CHANGED, structs.replace(after, updated_at=self._now()))

        return require(self._writer.write(user, id, caller.name, decide))

    def get_own(self, caller: Caller, id: str) -> StoredInvoice:
        """The caller's invoice; for staff also the café's."""
        invoice = self._store.get(caller.name, id)
        if invoice is None and caller.is_staff:
            invoice = self._store.get(CAFE, id)
        return require(invoice)

    def create_from_order(self, order: Order) -> StoredInvoice | None:
        """Create a draft for an order, once. `None` if it was created before, even if it was deleted since.

        The payee is the café. An order does not include the customer's email address, so staff add `payerEmail`.
        Raises `Refusal` for an order without a total.
        """
        draft = draft_of(order, self._now())
        entries = self._store.entries(draft.id, 100, 0)
        if entries and not _was_taken_back(entries[-1], order):
            return None

        def decide(before: StoredInvoice | None) -> Change | None:
            return Change(EntryKind.CREATED, draft) if before is None else None

        made = self._writer.write(CAFE, draft.id, CAFE, decide)
        return made if made is not None and made.created_at == draft.created_at else None

    def delete_draft_of(self, order: Order) -> bool:
        """Delete the draft for an order that is not filled after all. Return whether there was one. An invoice that was
        sent stays."""
        draft = draft_of(order, self._now())

        def decide(before: StoredInvoice | None) -> Change | None:
            if before is None or before.status is not InvoiceStatus.DRAFT:
                return None
            return Change(EntryKind.DELETED, structs.replace(before, updated_at=order.updated_at))

        before = self._store.get(CAFE, draft.id)
        return before is not None and self._writer.write(CAFE, draft.id, CAFE, decide) is None

    def _check_attachment(self, user: str, photo: str | UnsetType) -> None:
        if photo is not UNSET and not self._has_photo(user, photo):
            raise invalid_field("attachment", f"expected the id of a photo that you uploaded, got `{photo}`")


def _was_taken_back(entry: Entry, order: Order) -> bool:
    """Whether an entry deleted the draft for an order because staff took `filled` back, before it was filled again."""
    return entry.kind is EntryKind.DELETED and entry.by == CAFE and entry.at <= order.updated_at


def require(invoice: StoredInvoice | None) -> StoredInvoice:
    """The invoice. Raises `Refusal` if it is `None`."""
    if invoice is None:
        raise Refusal("missing", MISSING)
    return invoice


def invalid_field(field: str, problem: str) -> Refusal:
    """The refusal of a body because of one field."""
    return Refusal("invalid", "Invalid request body.", errors=[FieldError(field, problem)])


def draft_of(order: Order, now: int) -> StoredInvoice:
    """The draft for an order. Its ID is derived from the order's customer, ID and creation time. Raises `Refusal` for
    an order without a total: one from before the menu had prices."""
    if order.total is UNSET or order.currency is UNSET:
        raise Refusal("invalid", f"Order `{order.id}` has no total.")
    key = f"{order.customer}/{order.id}/{order.created_at}"
    lines = ", ".join(f"{item.qty} x {item.name}" for item in order.items)
    return StoredInvoice(
        id=f"{order.created_at:012x}-{hashlib.sha256(key.encode()).hexdigest()[:20]}",
        user_id=CAFE,
        customer=order.customer,
        order_id=order.id,
        description=f"Order {order.id}: {lines}"[:500],
        amount=order.total,
        currency=order.currency,
        status=InvoiceStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
