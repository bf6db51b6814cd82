import pytest

from lambdas.invoices.models import InvoiceStatus
from lambdas.invoices.paying import payment_key
from lambdas.payments.errors import ProviderUnavailable
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, SAM


def reason(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.reason


def status(world, invoice):
    return world.store.get(invoice.user_id, invoice.id).status


class TestPay:
    def test_charges_the_amount_and_marks_the_invoice_paid(self, world):
        invoice, token = world.sent()

        paid = world.paying.pay(token, "card")

        assert (paid.status, paid.method, paid.paid_at) == (InvoiceStatus.PAID, "card", world.clock.now)
        assert world.payments.amounts == {payment_key(invoice): 4200}
        assert [(entry.kind, entry.by) for entry in world.store.chain()][-1] == ("paid", "payer")

    def test_again_changes_nothing(self, world):
        _, token = world.sent()

        first = world.paying.pay(token, "card")
        world.clock.pass_ms(5)

        assert [world.paying.pay(token, method) for method in ("card", "cash")] == [first, first]
        assert world.kinds() == ["created", "sent", "paid"]

    def test_can_be_retried_after_a_decline(self, world):
        invoice, token = world.sent()
        world.payments.declines = True
        assert reason(world.paying.pay, token, "card") == "conflict"
        assert status(world, invoice) is InvoiceStatus.SENT

        world.payments.declines = False
        assert world.paying.pay(token, "card").status is InvoiceStatus.PAID

    def test_can_be_retried_after_a_provider_failure(self, world, monkeypatch):
        invoice, token = world.sent()

        def unavailable(key, amount):
            raise ProviderUnavailable

        with monkeypatch.context() as patched:
            patched.setattr(world.payments, "charge", unavailable)
            assert reason(world.paying.pay, token, "card") == "unavailable"

        assert status(world, invoice) is InvoiceStatus.SENT
        assert world.paying.pay(token, "card").status is InvoiceStatus.PAID

    def test_a_charge_of_a_crashed_attempt_is_not_repeated(self, world):
        invoice, token = world.sent()
        world.payments.charge(payment_key(invoice), invoice.amount)

        world.paying.pay(token, "card")

        assert world.payments.amounts == {payment_key(invoice): 4200}

    def test_a_charge_is_refunded_if_the_invoice_is_withdrawn_meanwhile(self, world, monkeypatch):
        invoice, token = world.sent()
        charge = world.payments.charge

        def withdrawn_meanwhile(key, amount):
            charged = charge(key, amount)
            with monkeypatch.context() as patched:  # its own refund fails
                patched.setattr(world.payments, "refund", lambda key: False)
                world.withdrawing.withdraw(ANN, invoice.id)
            return charged

        monkeypatch.setattr(world.payments, "charge", withdrawn_meanwhile)

        assert reason(world.paying.pay, token, "card") == "conflict"
        assert world.payments.amounts == {payment_key(invoice): 0}
        assert world.kinds() == ["created", "sent", "voided"]


class TestLinks:
    def test_a_link_shows_its_invoice(self, world):
        _, token = world.sent()
        other, _ = world.sent()

        assert world.paying.get(token).id != other.id

    def test_an_invalid_link_shows_no_invoice(self, world):
        invoice, token = world.sent()

        for wrong in ("A" * 43, token[:-1], token.swapcase(), invoice.id, str(invoice.link)):
            assert reason(world.paying.get, wrong) == "missing"
            assert reason(world.paying.pay, wrong, "card") == "missing"

    def test_the_link_of_a_withdrawn_invoice_is_refused(self, world):
        invoice, token = world.sent()
        world.withdrawing.withdraw(ANN, invoice.id)

        assert reason(world.paying.get, token) == reason(world.paying.pay, token, "card") == "conflict"
        assert world.payments.amounts == {payment_key(invoice): 0}


class TestWithdraw:
    def test_a_draft_is_deleted_and_its_entries_remain(self, world):
        draft = world.draft()

        assert world.withdrawing.withdraw(ANN, draft.id) is None
        assert world.store.all() == []
        assert world.kinds() == ["created", "deleted"]
        assert reason(world.withdrawing.withdraw, ANN, draft.id) == "missing"

    def test_a_sent_invoice_becomes_void_once(self, world):
        invoice, _ = world.sent()

        void = world.withdrawing.withdraw(ANN, invoice.id)

        assert (void.status, void.voided_at) == (InvoiceStatus.VOID, world.clock.now)
        assert world.withdrawing.withdraw(ANN, invoice.id) == void
        assert world.kinds() == ["created", "sent", "voided"]

    def test_a_charge_of_a_crashed_attempt_is_refunded(self, world):
        invoice, _ = world.sent()
        world.payments.charge(payment_key(invoice), invoice.amount)

        world.withdrawing.withdraw(ANN, invoice.id)

        assert world.payments.amounts == {payment_key(invoice): 0}

    def test_a_paid_invoice_cannot_be_withdrawn(self, world):
        invoice, token = world.sent()
        world.paying.pay(token, "card")

        assert reason(world.withdrawing.withdraw, ANN, invoice.id) == "conflict"
        assert world.payments.amounts == {payment_key(invoice): 4200}

    @pytest.mark.parametrize("caller", [BOB, SAM])
    def test_only_the_payee_can_withdraw(self, world, caller):
        assert reason(world.withdrawing.withdraw, caller, world.draft().id) == "missing"
        assert len(world.store.all()) == 1
