import json

import pytest

from lambdas import create_invoice
from tests.lambdas.builders import api_event

BODY = {"description": "Two cakes", "amount": 4200, "currency": "EUR", "payerEmail": "bob@example.com"}


def test_a_draft_is_created_with_its_location(call_invoices, world):
    answer = call_invoices(create_invoice, api_event("POST", "/invoices", body=BODY))
    [draft] = world.store.all()

    assert (answer["statusCode"], json.loads(answer["body"])) == (201, draft.public())
    assert answer["headers"]["Location"] == f"/dev/invoices/{draft.id}"


@pytest.mark.parametrize("amount", [42.5, 42.0, "4200", "42.00", 0, -4200, 10**12 + 1, None, True])
def test_an_invalid_amount_is_a_400_that_names_the_field(call_invoices, world, amount):
    answer = call_invoices(create_invoice, api_event("POST", "/invoices", body={**BODY, "amount": amount}))
    problem = json.loads(answer["body"])

    assert (answer["statusCode"], [error["field"] for error in problem["errors"]]) == (400, ["amount"])
    assert world.store.all() == []


def test_the_payer_is_optional(call_invoices):
    body = {name: BODY[name] for name in ("description", "amount", "currency")}

    assert call_invoices(create_invoice, api_event("POST", "/invoices", body=body))["statusCode"] == 201


def test_the_log_contains_only_the_invoices_id(call_invoices, world, logs):
    call_invoices(create_invoice, api_event("POST", "/invoices", body=BODY))
    text = logs.text()

    assert world.store.all()[0].id in text
    assert not {word for word in ("Two cakes", "4200", "bob@example.com") if word in text}
