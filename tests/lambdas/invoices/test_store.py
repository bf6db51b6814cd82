"""Behavior that the fake store and the DynamoDB store share."""

import msgspec
import pytest

from lambdas.invoices.ledger import EntryKind, Head, next_entry, verify
from lambdas.invoices.models import InvoiceStatus
from tests.lambdas.invoices.world import PHOTO, FakeInvoices, an_invoice

replace = msgspec.structs.replace


@pytest.fixture(params=["fake", "table"])
def store(request):
    return FakeInvoices() if request.param == "fake" else request.getfixturevalue("table")


def put(store, invoice, kind=EntryKind.CREATED):
    """Create or overwrite an invoice."""
    before = store.get(invoice.user_id, invoice.id)
    entry = next_entry(store.head(invoice.user_id), kind, invoice, "ann")
    after = replace(invoice, entry=entry.sequence)
    assert store.commit(before, after, entry)
    return after


def ids(*numbers):
    return [f"018bcfe56800-{n:020x}" for n in numbers]


FULL = an_invoice(
    payer_email="bob@example.com",
    order_id="7",
    customer="bob",
    attachment=PHOTO,
    method="card",
    sent_at=1,
    paid_at=2,
    voided_at=3,
    link="d" * 64,
    description="\U0001f950 & <b>" * 60,
    amount=10**12,
)


@pytest.mark.parametrize("invoice", [an_invoice(), FULL], ids=["plain", "full"])
def test_an_invoice_is_stored_unchanged(store, invoice):
    stored = put(store, invoice)

    assert store.get("ann", invoice.id) == store.find(invoice.id) == stored
    assert store.get("bob", invoice.id) is None


def test_nothing_is_found_in_an_empty_store(store):
    [unknown] = ids(9)

    assert (store.get("ann", unknown), store.find(unknown), store.by_link("d" * 64)) == (None, None, None)
    assert (store.head("ann"), store.entries(unknown, 25, 0)) == (Head(), [])
    assert store.page("ann", None, 25, None).items == []


def test_an_invoice_is_found_only_by_its_own_link(store):
    stored = put(store, an_invoice(link="d" * 64))
    put(store, an_invoice(ids(2)[0], link="e" * 64))
    put(store, an_invoice(ids(3)[0]))

    assert store.by_link("d" * 64) == stored
    assert store.by_link("f" * 64) is None


class TestCommit:
    def test_fails_for_an_outdated_head(self, store):
        put(store, an_invoice())
        stored = store.get("ann", an_invoice().id)
        late = next_entry(Head(), EntryKind.CHANGED, stored, "ann")

        assert store.commit(stored, replace(stored, amount=1), late) is False
        assert (store.get("ann", stored.id), store.head("ann").sequence) == (stored, 1)

    def test_fails_for_an_outdated_invoice(self, store):
        seen = put(store, an_invoice())
        put(store, replace(seen, amount=2), EntryKind.CHANGED)
        entry = next_entry(store.head("ann"), EntryKind.CHANGED, seen, "ann")

        assert store.commit(seen, replace(seen, amount=3, entry=3), entry) is False
        assert store.commit(seen, None, entry) is False
        assert store.commit(None, replace(seen, entry=3), entry) is False
        assert (store.get("ann", seen.id).amount, store.head("ann").sequence) == (2, 2)

    def test_deletes_a_draft_and_keeps_its_entries(self, store):
        stored = put(store, an_invoice())
        entry = next_entry(store.head("ann"), EntryKind.DELETED, stored, "ann")

        assert store.commit(stored, None, entry)
        assert store.get("ann", stored.id) is None
        assert [each.kind for each in store.entries(stored.id, 25, 0)] == ["created", "deleted"]

    def test_each_payee_has_a_chain(self, store):
        put(store, an_invoice())
        put(store, an_invoice(ids(2)[0], "bob"))

        assert [store.head(user).sequence for user in ("ann", "bob")] == [1, 1]

    def test_a_committed_chain_is_valid(self, store):
        for n in range(1, 6):
            put(store, an_invoice(ids(n)[0]))

        assert verify(store.chain("ann"), store.head("ann")) is None
        assert len(list(store.chain("ann"))) == 5


class TestPage:
    @pytest.fixture
    def filled(self, store):
        for n, user in enumerate(["ann", "bob", "ann", "bob", "ann", "ann"], 1):
            status = InvoiceStatus.PAID if n in (2, 3, 6) else InvoiceStatus.DRAFT
            put(store, an_invoice(ids(n)[0], user, status=status))
        return store

    @pytest.mark.parametrize(
        ("user", "status", "expected"),
        [
            ("ann", None, [6, 5, 3, 1]),
            ("bob", None, [4, 2]),
            ("ann", InvoiceStatus.PAID, [6, 3]),
            ("ann", InvoiceStatus.VOID, []),
            (None, None, [6, 5, 4, 3, 2, 1]),
            (None, InvoiceStatus.DRAFT, [5, 4, 1]),
        ],
    )
    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_lists_newest_first(self, filled, user, status, expected, limit):
        found, after = [], None
        while True:
            page = filled.page(user, status, limit, after)
            assert len(page.items) <= limit
            found += [invoice.id for invoice in page.items]
            after = page.next
            if after is None:
                break

        assert found == ids(*expected)

    def test_a_status_change_moves_the_invoice(self, store):
        stored = put(store, an_invoice())
        put(store, replace(stored, status=InvoiceStatus.SENT), EntryKind.SENT)

        for user in ("ann", None):
            assert store.page(user, InvoiceStatus.DRAFT, 25, None).items == []
            assert len(store.page(user, InvoiceStatus.SENT, 25, None).items) == 1


def test_entries_of_one_invoice_are_paged(store):
    stored = put(store, an_invoice())
    put(store, an_invoice(ids(2)[0]))
    for amount in range(3):
        stored = put(store, replace(stored, amount=amount + 1), EntryKind.CHANGED)

    assert [entry.sequence for entry in store.entries(stored.id, 2, 0)] == [1, 3]
    assert [entry.sequence for entry in store.entries(stored.id, 9, 3)] == [4, 5]
