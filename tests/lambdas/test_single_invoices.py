"""The handlers of a single invoice: their responses, and access to other users' invoices."""

import json

import pytest

from lambdas import delete_invoice, get_invoice, get_ledger, send_invoice, update_invoice
from tests.lambdas.builders import ANN, BOB, SAM, api_event

HANDLERS = {
    "get": (get_invoice, "GET", None),
    "ledger": (get_ledger, "GET", None),
    "update": (update_invoice, "PATCH", {"amount": 1}),
    "send": (send_invoice, "POST", None),
    "delete": (delete_invoice, "DELETE", None),
}
READERS = ("get", "ledger")


@pytest.fixture
def ask(call_invoices):
    def run(name, id, caller=ANN, **more):
        module, method, body = HANDLERS[name]
        event = api_event(method, "/invoices/{id}", caller=caller, parameters={"id": id}, **{"body": body, **more})
        answer = call_invoices(module, event)
        return answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"]

    return run


def test_get(ask, world):
    draft = world.draft()

    assert ask("get", draft.id)[:2] == ask("get", draft.id, SAM)[:2] == (200, draft.public())


def test_update(ask, world):
    draft = world.draft()

    status, body, _ = ask("update", draft.id, body={"description": "Three cakes"})

    assert (status, body["description"], body["amount"]) == (200, "Three cakes", 4200)


def test_send(ask, world, logs):
    status, body, _ = ask("send", world.draft().id)

    assert (status, body["status"], body["mailed"]) == (200, "sent", False)
    assert world.paying.get(body["payLink"].rpartition("/")[2]).id == body["id"]
    assert body["payLink"].rpartition("/")[2] not in logs.text()


def test_delete(ask, world):
    draft, (sent, _), (paid, token) = world.draft(), world.sent(), world.sent()
    world.paying.pay(token, "card")

    assert ask("delete", draft.id)[:2] == (204, None)
    assert ask("delete", sent.id)[1]["status"] == "void"
    assert [ask("delete", invoice.id)[0] for invoice in (draft, sent, paid)] == [404, 200, 409]


def test_ledger(ask, world):
    invoice, _ = world.sent()

    status, [created], headers = ask("ledger", invoice.id, query={"limit": "1"})
    cursor = headers["Link"].partition("cursor=")[2].partition(">")[0]
    [sent] = ask("ledger", invoice.id, query={"cursor": cursor})[1]

    assert (status, headers["Link"].partition("?")[0]) == (200, "<ledger")
    assert ([created["kind"], sent["kind"]], sent["previous"]) == (["created", "sent"], created["hash"])
    assert ask("ledger", invoice.id, query={"cursor": "MA"})[0] == 400


@pytest.mark.parametrize("name", HANDLERS)
def test_another_users_invoice_is_a_404(ask, world, name):
    for invoice in (world.draft(), world.sent()[0]):
        assert ask(name, invoice.id, BOB)[0] == 404
        assert (ask(name, invoice.id, SAM)[0] == 404) is (name not in READERS)
    assert world.kinds() == ["created", "created", "sent"]


@pytest.mark.parametrize("name", HANDLERS)
@pytest.mark.parametrize("id", ["", "x", "x" * 9000, "\ud800", "018bcfe56800-00000000000000000001\n", "%2e%2e"])
def test_an_invalid_id_is_a_404(ask, name, id):
    assert ask(name, id)[0] == 404


@pytest.mark.parametrize("name", ["update", "send"])
def test_a_sent_invoice_cannot_be_changed(ask, world, name):
    assert ask(name, world.sent()[0].id)[0] == 409


@pytest.mark.parametrize("amount", [0, -1, 1.5, "1", 10**12 + 1])
def test_an_invalid_amount_is_refused_with_the_field(ask, world, amount):
    status, body, _ = ask("update", world.draft().id, body={"amount": amount})

    assert (status, body["errors"][0]["field"]) == (400, "amount")
