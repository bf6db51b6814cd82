import msgspec
import pytest

from lambdas.invoices.models import InvoiceStatus
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, SAM
from tests.lambdas.invoices.world import BASE


def test_the_payer_gets_the_link_and_the_payee_does_not(world):
    sent = world.sending.send(ANN, world.draft(payer_email="bob@example.com").id)
    [message] = world.mail.sent
    answer = msgspec.to_builtins(sent.public())

    assert message.to == "bob@example.com"
    assert f"\n{sent.link}\n" in message.text
    assert (answer["mailed"], answer["status"], answer["_sentAt"]) == (True, "sent", world.clock.now)
    assert "payLink" not in answer
    assert sent.link not in str(answer)


def test_only_a_digest_of_the_link_is_stored(world):
    sent = world.sending.send(ANN, world.draft().id)
    token = sent.link.removeprefix(BASE)

    assert len(token) == 43
    assert token not in str(world.store.all()) + str(world.store.chain())


@pytest.mark.parametrize(("email", "problem"), [({}, ""), ({"payer_email": "bob@example.com"}, "SES is down")])
def test_without_mail_the_payee_gets_the_link(world, email, problem):
    world.mail.problem = problem

    sent = world.sending.send(ANN, world.draft(**email).id)
    answer = msgspec.to_builtins(sent.public())

    assert (answer["mailed"], answer["payLink"]) == (False, sent.link)
    assert problem in sent.problem
    assert world.store.get("ann", sent.invoice.id).status is InvoiceStatus.SENT


def test_links_are_unique(world):
    links = {world.sending.send(ANN, world.draft().id).link for _ in range(50)}

    assert len(links) == 50


@pytest.mark.parametrize("caller", [BOB, SAM])
def test_only_the_payee_can_send(world, caller):
    with pytest.raises(Refusal, match="Not found"):
        world.sending.send(caller, world.draft().id)


def test_an_invoice_is_sent_once(world):
    invoice, _ = world.sent(payer_email="bob@example.com")

    with pytest.raises(Refusal) as refused:
        world.sending.send(ANN, invoice.id)

    assert refused.value.reason == "conflict"
    assert (len(world.mail.sent), world.kinds()) == (1, ["created", "sent"])
