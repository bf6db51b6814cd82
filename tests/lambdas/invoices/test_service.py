import msgspec
import pytest
from msgspec import UNSET

from lambdas.invoices import service
from lambdas.invoices.ledger import state_of
from lambdas.invoices.models import CAFE, InvoiceChanges, InvoiceStatus
from lambdas.orders.models import Item, Status
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, NOON, SAM, an_order
from tests.lambdas.invoices.world import PHOTO, a_body

UNKNOWN = "018bcfe56800-ffffffffffffffffffff"
FILLED = an_order("7", status=Status.FILLED, items=[Item("Espresso", 2), Item("Croissant", 1)], total=690)


def refusal(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value


class TestCreate:
    def test_creates_a_draft_of_the_caller(self, world):
        created = world.invoices.create(ANN, a_body(payer_email="bob@example.com", order_id="7", attachment=PHOTO))

        assert (created.user_id, created.status, created.amount, created.currency) == (
            "ann",
            InvoiceStatus.DRAFT,
            4200,
            "EUR",
        )
        assert (created.payer_email, created.order_id, created.attachment) == ("bob@example.com", "7", PHOTO)
        assert created.created_at == created.updated_at == world.clock.now
        assert world.store.get("ann", created.id) == created

    def test_appends_the_first_entry_of_the_chain(self, world):
        created = world.draft()
        [entry] = world.store.chain()

        assert (entry.sequence, entry.invoice_id, entry.kind, entry.by) == (1, created.id, "created", "ann")
        assert (entry.amount, entry.currency, entry.state) == (4200, "EUR", state_of(created))
        assert created.entry == 1

    @pytest.mark.parametrize("currency", ["XYZ", "DEM", "XXX"])
    def test_an_unknown_currency_is_refused_by_name(self, world, currency):
        refused = refusal(world.invoices.create, ANN, a_body(currency=currency))

        assert (refused.reason, [error["field"] for error in refused.errors]) == ("invalid", ["currency"])
        assert currency in str(refused)

    @pytest.mark.parametrize("caller", [BOB, SAM])
    def test_another_users_photo_cannot_be_attached(self, world, caller):
        refused = refusal(world.invoices.create, caller, a_body(attachment=PHOTO))

        assert (refused.reason, [error["field"] for error in refused.errors]) == ("invalid", ["attachment"])
        assert world.store.all() == []


class TestGet:
    def test_the_payee_and_staff_can_get_an_invoice(self, world):
        draft = world.draft()

        assert world.invoices.get(ANN, draft.id) == world.invoices.get(SAM, draft.id) == draft

    def test_another_users_invoice_is_missing(self, world):
        assert refusal(world.invoices.get, BOB, world.draft().id).reason == "missing"
        assert refusal(world.invoices.get, SAM, UNKNOWN).reason == "missing"


class TestPage:
    def test_lists_own_invoices_newest_first(self, world):
        drafts = [world.draft() for _ in range(3)]
        world.draft(BOB)

        page = world.invoices.page(ANN, None, 2, None)
        assert page.items == [drafts[2], drafts[1]]
        assert world.invoices.page(ANN, None, 2, page.next).items == [drafts[0]]

    def test_staff_see_everyones_invoices(self, world):
        drafts = [world.draft(), world.draft(BOB)]

        assert world.invoices.page(SAM, None, 25, None).items == drafts[::-1]

    def test_filters_by_status(self, world):
        world.draft()
        sent, _ = world.sent()

        assert world.invoices.page(ANN, InvoiceStatus.SENT, 25, None).items == [sent]


class TestUpdate:
    def test_changes_the_given_fields(self, world):
        draft = world.draft()
        world.clock.pass_ms(5)

        changed = world.invoices.update(ANN, draft.id, InvoiceChanges(amount=1, attachment=PHOTO))

        assert changed == msgspec.structs.replace(
            draft, amount=1, attachment=PHOTO, updated_at=draft.updated_at + 5, entry=2
        )
        assert world.kinds() == ["created", "changed"]

    def test_without_changes_adds_no_entry(self, world):
        draft = world.draft()

        assert world.invoices.update(ANN, draft.id, InvoiceChanges()) == draft
        assert world.invoices.update(ANN, draft.id, InvoiceChanges(amount=draft.amount)) == draft
        assert world.kinds() == ["created"]

    @pytest.mark.parametrize("caller", [BOB, SAM])
    def test_only_the_payee_can_update(self, world, caller):
        assert refusal(world.invoices.update, caller, world.draft().id, InvoiceChanges(amount=1)).reason == "missing"

    def test_only_drafts_can_be_updated(self, world):
        sent, _ = world.sent()

        assert refusal(world.invoices.update, ANN, sent.id, InvoiceChanges(amount=1)).reason == "conflict"

    def test_another_users_photo_cannot_be_attached(self, world):
        refused = refusal(world.invoices.update, BOB, world.draft(BOB).id, InvoiceChanges(attachment=PHOTO))

        assert [error["field"] for error in refused.errors] == ["attachment"]


class TestEntries:
    def test_lists_the_entries_of_one_invoice_in_order(self, world):
        draft = world.draft()
        world.draft()
        world.invoices.update(ANN, draft.id, InvoiceChanges(amount=1))

        assert [entry.sequence for entry in world.invoices.entries(ANN, draft.id, 25, 0)] == [1, 3]
        assert [entry.sequence for entry in world.invoices.entries(SAM, draft.id, 25, 1)] == [3]
        assert refusal(world.invoices.entries, BOB, draft.id, 25, 0).reason == "missing"


class TestCreateFromOrder:
    def test_creates_a_draft_of_the_cafe(self, world):
        created = world.invoices.create_from_order(FILLED)

        assert (created.user_id, created.customer, created.order_id, created.amount) == (CAFE, "ann", "7", 690)
        assert (created.currency, created.status, created.payer_email) == ("EUR", InvoiceStatus.DRAFT, msgspec.UNSET)
        assert created.description == "Order 7: 2 x Espresso, 1 x Croissant"
        assert created.id.startswith(f"{NOON:012x}-")
        assert [(entry.kind, entry.by) for entry in world.store.chain(CAFE)] == [("created", CAFE)]

    def test_creates_one_invoice_per_order(self, world):
        first = world.invoices.create_from_order(FILLED)
        world.clock.pass_ms(5)

        assert world.invoices.create_from_order(FILLED) is None
        assert world.store.all() == [first]

    def test_does_not_recreate_an_invoice_that_staff_deleted(self, world):
        created = world.invoices.create_from_order(FILLED)
        assert world.withdrawing.withdraw(SAM, created.id) is None

        assert world.invoices.create_from_order(FILLED) is None
        assert world.store.all() == []

    @pytest.mark.parametrize("other", [{"customer": "bob"}, {"id": "8"}, {"created_at": NOON + 1}])
    def test_different_orders_get_different_invoices(self, world, other):
        first = world.invoices.create_from_order(FILLED)
        second = world.invoices.create_from_order(an_order(**{"id": "7", "status": Status.FILLED, **other}))

        assert second.id != first.id

    def test_only_staff_act_for_the_cafe(self, world):
        created = world.invoices.create_from_order(FILLED)

        assert world.invoices.update(SAM, created.id, InvoiceChanges(payer_email="a@b.cd")).payer_email == "a@b.cd"
        assert refusal(world.invoices.get, ANN, created.id).reason == "missing"
        assert refusal(world.invoices.update, ANN, created.id, InvoiceChanges(amount=1)).reason == "missing"
        assert world.sending.send(SAM, created.id).invoice.status is InvoiceStatus.SENT

    def test_an_order_without_a_total_is_refused(self, world):
        order = an_order(status=Status.FILLED, total=UNSET)

        assert "no total" in refusal(world.invoices.create_from_order, order).detail
        assert world.store.all() == []

    def test_the_description_of_the_largest_order_is_truncated(self, world):
        order = an_order("x" * 64, status=Status.FILLED, items=[Item("Blueberry muffin", 99)] * 50)

        assert len(world.invoices.create_from_order(order).description) == 500


class TestOpenInvoices:
    @pytest.fixture(autouse=True)
    def _limit(self, monkeypatch):
        monkeypatch.setattr(service, "MAX_OPEN_INVOICES", 2)

    @pytest.mark.parametrize("end", ["deleted", "paid", "voided"])
    def test_are_limited_until_one_ends(self, world, end):
        draft = world.draft()
        if end != "deleted":
            _, token = world.sent()
        else:
            world.draft()
        assert refusal(world.draft).reason == "throttled"

        match end:
            case "deleted":
                world.withdrawing.withdraw(ANN, draft.id)
            case "paid":
                world.paying.pay(token, "card")
            case "voided":
                world.withdrawing.withdraw(ANN, world.paying.get(token).id)

        assert world.draft()
        assert refusal(world.draft).reason == "throttled"
        assert world.draft(BOB)

    def test_of_the_cafe_are_not_limited(self, world):
        for number in range(3):
            assert world.invoices.create_from_order(an_order(f"{number}", status=Status.FILLED))
