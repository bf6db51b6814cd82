import msgspec
import pytest

from lambdas.invoices.models import InvoiceChanges, InvoiceStatus, NewInvoice, Payment
from lambdas.runtime.errors import Refusal
from lambdas.runtime.http import parse
from tests.lambdas.invoices.world import PHOTO, an_invoice

VALID = {"description": "Two cakes", "amount": 4200, "currency": "EUR"}

INVALID = [
    *(
        ("amount", amount)
        for amount in (0, -1, 10**12 + 1, 10**30, 42.0, 42.5, 1e3, "4200", "42.00", True, None, [], {})
    ),
    *(("currency", currency) for currency in ("", "EU", "EURO", 978, None)),
    *(("description", text) for text in ("", "x" * 501, 7, None)),
    *(
        ("payerEmail", address)
        for address in (
            "",
            "bob",
            "bob@",
            "@a.b",
            "a b@c.d",
            "a@b",
            "a@b.c\n",
            "a,b@c.d",
            "é@c..d",
            "é@c",
            "a@b@c.d",
            "<a@b.cd>",
            "a@b.cd\u2028",
        )
    ),
    ("payerEmail", f"{'x' * 65}@example.com"),
    ("payerEmail", "x@" + ".".join(["y" * 60] * 5)),
    *(("orderId", text) for text in ("", "x" * 65, "a/b", 7)),
    *(("attachment", text) for text in ("", "x", PHOTO + "0", PHOTO.upper())),
]


@pytest.mark.parametrize(("field", "value"), INVALID)
def test_an_invalid_field_is_refused_by_name(field, value):
    with pytest.raises(Refusal) as refused:
        parse(msgspec.json.encode({**VALID, field: value}), NewInvoice)

    assert (refused.value.reason, [error["field"] for error in refused.value.errors]) == ("invalid", [field])


@pytest.mark.parametrize("field", ["amount", "description", "payerEmail", "attachment"])
def test_changes_have_the_same_constraints(field):
    for name, value in INVALID:
        if name == field:
            with pytest.raises(Refusal, match="body"):
                parse(msgspec.json.encode({name: value}), InvoiceChanges)


@pytest.mark.parametrize("amount", [1, 10**12])
def test_the_smallest_and_the_largest_amount(amount):
    assert parse(msgspec.json.encode({**VALID, "amount": amount}), NewInvoice).amount == amount


@pytest.mark.parametrize("field", ["id", "userId", "status", "_createdAt", "surprise"])
def test_an_unknown_field_is_refused(field):
    with pytest.raises(Refusal, match=field):
        parse(msgspec.json.encode({**VALID, field: "x"}), NewInvoice)


@pytest.mark.parametrize("field", VALID)
def test_a_missing_field_is_refused_by_name(field):
    with pytest.raises(Refusal, match=field):
        parse(msgspec.json.encode({name: VALID[name] for name in VALID if name != field}), NewInvoice)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_the_currency_cannot_be_changed(currency):
    with pytest.raises(Refusal, match="currency"):
        parse(msgspec.json.encode({"currency": currency}), InvoiceChanges)


@pytest.mark.parametrize("method", ["card", "bank-transfer", "SEPA_1"])
def test_valid_payment_methods(method):
    assert parse(msgspec.json.encode({"method": method}), Payment).method == method


@pytest.mark.parametrize("method", ["", "a b", "1", "x" * 33, "card\n", None, 7])
def test_invalid_payment_methods(method):
    with pytest.raises(Refusal, match="method"):
        parse(msgspec.json.encode({"method": method}), Payment)


def test_the_payee_does_not_see_internal_fields():
    invoice = an_invoice(payer_email="bob@example.com", order_id="7", attachment=PHOTO, link="digest", entry=3)

    assert invoice.public() == {
        "id": invoice.id,
        "userId": "ann",
        "description": "Two cakes",
        "amount": 4200,
        "currency": "EUR",
        "status": "draft",
        "payerEmail": "bob@example.com",
        "orderId": "7",
        "attachment": PHOTO,
        "_createdAt": invoice.created_at,
        "_updatedAt": invoice.updated_at,
    }


def test_the_payer_does_not_see_the_payee():
    invoice = an_invoice(
        status=InvoiceStatus.PAID,
        payer_email="bob@example.com",
        order_id="7",
        customer="bob",
        attachment=PHOTO,
        link="digest",
        method="card",
        sent_at=1,
        paid_at=2,
    )

    assert msgspec.to_builtins(invoice.page()) == {
        "description": "Two cakes",
        "amount": 4200,
        "currency": "EUR",
        "status": "paid",
        "method": "card",
        "_sentAt": 1,
        "_paidAt": 2,
    }
