"""What a payee does with invoices, one method a use case, and how the café's orders become some."""

import hashlib
from collections.abc import Callable

from msgspec import UNSET, UnsetType, structs

from lambdas.invoices.currencies import CODES
from lambdas.invoices.ledger import Entry, EntryKind
from lambdas.invoices.models import CAFE, InvoiceChanges, InvoiceStatus, NewInvoice, StoredInvoice
from lambdas.invoices.store import Store
from lambdas.invoices.writing import Change, Writer
from lambdas.orders import menu
from lambdas.orders.models import Order
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

MISSING = "Not found."

MENU_CURRENCY = "EUR"
"""What the menu's prices are in, as the web app shows them."""


class Invoices:
    """The use cases. An invoice that is not the caller's own is not there for them; staff see everyone's, and act for
    the café with the café's. `has_photo` tells whether a user has a photo with an id."""

    def __init__(
        self, store: Store, has_photo: Callable[[str, str], bool], writer: Writer, now: Callable[[], int] = now_ms
    ) -> None:
        self._store = store
        self._has_photo = has_photo
        self._writer = writer
        self._now = now

    def create(self, caller: Caller, body: NewInvoice) -> StoredInvoice:
        """Make a draft."""
        if body.currency not in CODES:
            raise wrong("currency", f"`{body.currency}` is not one; allowed is an active code of ISO 4217, e.g. `EUR`")
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
        made = self._writer.write(caller.name, draft.id, caller.name, lambda before: Change(EntryKind.CREATED, draft))
        assert made is not None
        return made

    def get(self, caller: Caller, id: str) -> StoredInvoice:
        """One invoice: the caller's own, for staff anyone's."""
        invoice = self._store.get(caller.name, id)
        if invoice is None and caller.is_staff:
            invoice = self._store.find(id)
        return there(invoice)

    def page(self, caller: Caller, status: InvoiceStatus | None, limit: int, after: str | None) -> Page[StoredInvoice]:
        """Invoices, newest first: the caller's own, for staff everyone's."""
        return self._store.page(None if caller.is_staff else caller.name, status, limit, after)

    def entries(self, caller: Caller, id: str, limit: int, after: int) -> list[Entry]:
        """What became of one invoice, oldest first: up to `limit` entries behind number `after`."""
        return self._store.entries(self.get(caller, id).id, limit, after)

    def update(self, caller: Caller, id: str, body: InvoiceChanges) -> StoredInvoice:
        """Change a draft."""
        changes = {name: value for name, value in structs.asdict(body).items() if value is not UNSET}
        user = self.own(caller, id).user_id
        self._check_attachment(caller.name, body.attachment)

        def decide(before: StoredInvoice | None) -> Change | None:
            draft = there(before)
            if draft.status is not InvoiceStatus.DRAFT:
                raise Refusal("conflict", f"The invoice is `{draft.status}`; only a `draft` can be changed.")
            after = structs.replace(draft, **changes)
            return None if after == draft else Change(EntryKind.CHANGED, structs.replace(after, updated_at=self._now()))

        return there(self._writer.write(user, id, caller.name, decide))

    def own(self, caller: Caller, id: str) -> StoredInvoice:
        """The caller's own invoice, or for staff the café's."""
        invoice = self._store.get(caller.name, id)
        if invoice is None and caller.is_staff:
            invoice = self._store.get(CAFE, id)
        return there(invoice)

    def of_order(self, order: Order) -> StoredInvoice | None:
        """Make a draft of an order, once; `None` when that was done before, even if the draft is no more.

        It is paid to the café, and an order does not know its customer's address, so there is no `payerEmail` before
        staff give one. Raises `Refusal` for an item that is not on the menu.
        """
        draft = draft_of(order, menu.amount(order.items), self._now())
        if self._store.entries(draft.id, 1, 0):
            return None

        def decide(before: StoredInvoice | None) -> Change | None:
            return Change(EntryKind.CREATED, draft) if before is None else None

        made = self._writer.write(CAFE, draft.id, CAFE, decide)
        return made if made is not None and made.created_at == draft.created_at else None

    def _check_attachment(self, user: str, photo: str | UnsetType) -> None:
        if photo is not UNSET and not self._has_photo(user, photo):
            raise wrong("attachment", f"`{photo}` is no photo of yours; allowed is the id of one that is uploaded")


def there(invoice: StoredInvoice | None) -> StoredInvoice:
    """The invoice, or a `Refusal` because there is none."""
    if invoice is None:
        raise Refusal("missing", MISSING)
    return invoice


def wrong(field: str, problem: str) -> Refusal:
    """The refusal of a body for one of its fields."""
    return Refusal("invalid", "Invalid request body.", errors=[FieldError(field, problem)])


def draft_of(order: Order, amount: int, now: int) -> StoredInvoice:
    """The draft for an order. Its id follows from the order, and from no other of the same customer and id."""
    key = f"{order.customer}/{order.id}/{order.created_at}"
    lines = ", ".join(f"{item.qty} x {item.name}" for item in order.items)
    return StoredInvoice(
        id=f"{order.created_at:012x}-{hashlib.sha256(key.encode()).hexdigest()[:20]}",
        user_id=CAFE,
        customer=order.customer,
        order_id=order.id,
        description=f"Order {order.id}: {lines}"[:500],
        amount=amount,
        currency=MENU_CURRENCY,
        status=InvoiceStatus.DRAFT,
        created_at=now,
        updated_at=now,
    )
