import msgspec
import pytest

from lambdas.invoices.models import InvoiceStatus
from lambdas.invoices.sending import DAILY_MAILS
from lambdas.runtime.caller import MAILERS
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import ANN, BOB, SAM
from tests.lambdas.invoices.world import BASE

MAILER = ANN._replace(groups=frozenset({MAILERS}))


def test_the_payer_gets_the_link_and_the_payee_does_not(world):
    sent = world.sending.send(MAILER, world.draft(payer_email="bob@example.com").id)
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

    sent = world.sending.send(MAILER, world.draft(**email).id)
    answer = msgspec.to_builtins(sent.public())

    assert (answer["mailed"], answer["payLink"]) == (False, sent.link)
    assert problem in sent.problem
    assert sent.is_failure == bool(problem)
    assert world.store.get("ann", sent.invoice.id).status is InvoiceStatus.SENT


def test_links_are_unique(world):
    links = {world.sending.send(ANN, world.draft().id).link for _ in range(50)}

    assert len(links) == 50


def test_a_customers_invoice_is_not_mailed(world):
    """Anyone could use the café's name to mail strangers."""
    sent = world.sending.send(ANN, world.draft(payer_email="bob@example.com").id)

    assert world.mail.sent == []
    assert (sent.public().mailed, sent.public().pay_link, sent.is_failure) == (False, sent.link, False)
    assert "`staff` and `mailers`" in sent.problem


def test_each_user_has_a_limited_number_of_mails_a_day(world):
    def send(caller):
        return world.sending.send(caller, world.draft(caller, payer_email="bob@example.com").id)

    outcomes = [send(MAILER).problem for _ in range(DAILY_MAILS + 1)]

    assert [bool(problem) for problem in outcomes] == [*[False] * DAILY_MAILS, True]
    assert outcomes[-1] == "100 emails were sent today"
    assert send(BOB._replace(groups=MAILER.groups)).problem == ""
    world.clock.pass_ms(86_400_000)
    assert send(MAILER).problem == ""


@pytest.mark.parametrize("caller", [BOB, SAM])
def test_only_the_payee_can_send(world, caller):
    with pytest.raises(Refusal, match="Not found"):
        world.sending.send(caller, world.draft().id)


def test_an_invoice_is_sent_once(world):
    invoice, _ = world.sent(MAILER, payer_email="bob@example.com")

    with pytest.raises(Refusal) as refused:
        world.sending.send(ANN, invoice.id)

    assert refused.value.reason == "conflict"
    assert (len(world.mail.sent), world.kinds()) == (1, ["created", "sent"])
