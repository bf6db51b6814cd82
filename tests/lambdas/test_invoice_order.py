import pytest
from msgspec import UNSET

from lambdas import invoice_order
from lambdas.invoices.models import CAFE, InvoiceChanges, InvoiceStatus
from lambdas.orders.models import Status
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import METRICS_SERVICE, NOON, SAM, an_order, failures, stream_event, stream_record

READY = an_order("7", status=Status.READY)
FILLED = an_order("7", status=Status.FILLED, total=220, correlation_id="request-9")


@pytest.fixture
def invoice(call_invoices):
    return lambda *records: call_invoices(invoice_order, stream_event(*records))


def filled(id, sequence, total=220):
    return stream_record(
        "MODIFY", an_order(id, status=Status.READY), an_order(id, status=Status.FILLED, total=total), sequence
    )


def test_a_filled_order_becomes_a_draft_of_the_cafe(invoice, world):
    assert invoice(stream_record("MODIFY", READY, FILLED)) == failures()
    [draft] = world.store.all()

    assert (draft.user_id, draft.order_id, draft.amount) == (CAFE, "7", 220)


def test_repeated_records_create_one_draft_each(invoice, world):
    for _ in range(3):
        assert invoice(filled("7", "1"), filled("8", "2")) == failures()

    assert sorted(draft.order_id for draft in world.store.all()) == ["7", "8"]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(stream_record("INSERT", new=FILLED), id="a sample inserted as filled"),
        pytest.param(stream_record("MODIFY", FILLED, FILLED), id="already filled"),
        pytest.param(stream_record("MODIFY", an_order("7"), READY), id="another move"),
        pytest.param(stream_record("REMOVE", FILLED), id="removed"),
    ],
)
def test_other_records_are_ignored(invoice, world, record):
    assert invoice(record) == failures()
    assert world.store.all() == []


def test_an_order_that_costs_nothing_is_not_invoiced(invoice, world, logs):
    assert invoice(filled("7", "1", 0), filled("8", "2")) == failures()

    assert [draft.order_id for draft in world.store.all()] == ["8"]
    assert "OrdersNotInvoiced" not in logs.text()


def test_an_order_without_a_total_is_logged_and_does_not_block_others(invoice, world, logs):
    assert invoice(filled("7", "1", UNSET), filled("8", "2")) == failures()
    printed = logs.text()

    assert [draft.order_id for draft in world.store.all()] == ["8"]
    assert "has no total" in printed
    assert "OrdersNotInvoiced" in printed
    assert METRICS_SERVICE in printed


def test_a_throttled_ledger_fails_the_record(invoice, world, monkeypatch):
    def busy(order):
        raise Refusal("unavailable", "Too many changes are made at once.")

    monkeypatch.setattr(world.invoices, "create_from_order", busy)

    assert invoice(filled("7", "1"), filled("8", "2")) == failures("1")


def taken_back(sequence, at):
    ready = an_order("7", status=Status.READY, total=220, updated_at=at)
    return stream_record("MODIFY", an_order("7", status=Status.FILLED, total=220), ready, sequence)


def filled_at(sequence, at):
    filled = an_order("7", status=Status.FILLED, total=220, updated_at=at)
    return stream_record("MODIFY", an_order("7", status=Status.READY), filled, sequence)


def test_the_draft_for_an_order_that_staff_took_back_is_deleted_and_drafted_again(invoice, world):
    first = filled_at("1", NOON)
    assert invoice(first, taken_back("2", NOON + 1000)) == failures()
    assert world.store.all() == []

    # A late repetition of the first record drafts nothing.
    assert invoice(first) == failures()
    assert world.store.all() == []

    assert invoice(filled_at("3", NOON + 2000)) == failures()
    assert [draft.order_id for draft in world.store.all()] == ["7"]


def test_a_sent_invoice_stays_and_is_not_drafted_again(invoice, world):
    invoice(filled_at("1", NOON))
    [draft] = world.store.all()
    world.invoices.update(SAM, draft.id, InvoiceChanges(payer_email="a@b.cd"))
    world.sending.send(SAM, draft.id)

    assert invoice(taken_back("2", NOON + 1000), filled_at("3", NOON + 2000)) == failures()
    assert [it.status for it in world.store.all()] == [InvoiceStatus.SENT]
