"""`GET` and `POST /pay/{token}`, which have no authorizer: the link grants access."""

import json

import pytest

from lambdas import get_payment, pay_invoice
from tests.lambdas.builders import ANN, api_event


@pytest.fixture
def ask(call_invoices):
    def run(module, token, body=None, **headers):
        event = api_event("POST", "/pay/{token}", parameters={"token": token}, body=body, headers=headers)
        del event["requestContext"]["authorizer"]
        answer = call_invoices(module, event)
        return answer["statusCode"], json.loads(answer["body"])

    return run


CARD = {"method": "card"}


def test_the_payer_sees_the_invoice(ask, world):
    invoice, token = world.sent(payer_email="bob@example.com")

    status, page = ask(get_payment, token)

    assert status == 200
    assert page == {
        "description": "Two cakes",
        "amount": 4200,
        "currency": "EUR",
        "status": "sent",
        "_sentAt": invoice.sent_at,
    }


def test_browsers_are_redirected_to_the_sites_page(call_invoices, world, monkeypatch):
    monkeypatch.setenv("PAY_PAGE", "https://cafe.example/pay.html")
    _, token = world.sent()
    headers = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
    answer = call_invoices(get_payment, api_event("GET", "/pay/{token}", parameters={"token": token}, headers=headers))

    assert (answer["statusCode"], answer["body"]) == (303, "")
    assert answer["headers"]["Location"] == f"https://cafe.example/pay.html#{token}"
    assert answer["headers"]["Vary"] == "Accept"


def test_paying_is_idempotent(ask, world):
    _, token = world.sent()

    answers = [ask(pay_invoice, token, CARD, **{"Idempotency-Key": key}) for key in ("one", "one", "two")]
    answers.append(ask(pay_invoice, token, CARD))

    assert answers == [answers[0]] * 4
    assert (answers[0][0], answers[0][1]["status"], answers[0][1]["method"]) == (200, "paid", "card")
    assert list(world.payments.amounts.values()) == [4200]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 9000, "\ud800", "%2e%2e", "A" * 43 + "\n"])
@pytest.mark.parametrize(("module", "body"), [(get_payment, None), (pay_invoice, CARD)])
def test_all_invalid_links_get_the_same_response(ask, world, token, module, body):
    world.sent()
    status, problem = ask(module, token, body)

    assert (status, problem["detail"]) == (404, "Not found.")


@pytest.mark.parametrize(("module", "body"), [(get_payment, None), (pay_invoice, CARD)])
def test_a_withdrawn_invoice_reveals_nothing_else(ask, world, module, body):
    invoice, token = world.sent()
    world.withdrawing.withdraw(ANN, invoice.id)

    status, problem = ask(module, token, body)

    assert (status, problem["detail"]) == (409, "This invoice has been withdrawn.")


@pytest.mark.parametrize("body", [None, {}, {"method": 7}, {"method": "card", "amount": 1}, "x"])
def test_an_invalid_body_is_a_400_and_pays_nothing(ask, world, body):
    _, token = world.sent()

    assert ask(pay_invoice, token, body)[0] == 400
    assert world.payments.amounts == {}


def test_tokens_are_not_logged(ask, world, logs):
    _, token = world.sent()
    ask(get_payment, token)
    ask(pay_invoice, token, CARD)

    assert token not in logs.text()
