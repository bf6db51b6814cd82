import pytest

from lambdas.invoices.mail import NoMail, NotMailed, message_of
from tests.lambdas.invoices.world import an_invoice

LINK = "https://cafe.example/dev/pay/token"


def test_it_contains_the_amount_and_the_link():
    message = message_of(an_invoice(payer_email="bob@example.com"), "bob@example.com", LINK)

    assert (message.to, message.subject) == ("bob@example.com", "Invoice for 42.00 EUR")
    assert "Two cakes" in message.text
    assert LINK in message.text.splitlines()


def test_the_description_does_not_get_into_the_headers():
    message = message_of(an_invoice(description="x\r\nBcc: everybody@example.com"), "bob@example.com", LINK)

    assert "everybody" not in message.subject + message.to


def test_it_does_not_name_the_payee():
    assert "ann" not in message_of(an_invoice(), "bob@example.com", LINK).text


def test_no_mail_raises_not_mailed():
    with pytest.raises(NotMailed, match="mailFrom"):
        NoMail().send(message_of(an_invoice(), "bob@example.com", LINK))
