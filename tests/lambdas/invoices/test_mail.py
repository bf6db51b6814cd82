import pytest

from lambdas.invoices.mail import NoMail, NotMailed, message_of
from tests.lambdas.invoices.world import an_invoice

LINK = "https://cafe.example/dev/pay/token"


def test_it_contains_the_amount_and_the_link():
    message = message_of(an_invoice(payer_email="bob@example.com"), "bob@example.com", LINK)

    assert (message.to, message.subject) == ("bob@example.com", "Invoice for 42.00 EUR from the café")
    assert "Two cakes" in message.text
    assert LINK in message.text.splitlines()


def test_the_description_does_not_get_into_the_headers():
    message = message_of(an_invoice(description="x\r\nBcc: everybody@example.com"), "bob@example.com", LINK)

    assert "everybody" not in message.subject + message.to


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Two cakes", "Two cakes"),
        ("Two cakes.\r\nThank you!\u2028Bye", "Two cakes. Thank you! Bye"),
        ("Account locked: https://evil.example/login now", "Account locked: … now"),
        ("call www.evil.example or evil.example/x", "call … or …"),
        ("write to boss@evil.example.", "write to …"),
        ("see evil\u3002com, evil\uff0ecom, evil\u00ad.com and ev\u200b.com", "see … … … and …"),
        ("at 1.2.3.4/pay, http:1.2.3.4 or tel:+491234", "at … … or …"),
        ("Time 10:30, ratio 3:1", "Time 10:30, ratio 3:1"),
        ("1.50 EUR for 2 x No. 5, i.e. cake", "1.50 EUR for 2 x No. 5, i.e. cake"),
    ],
)
def test_the_description_has_one_line_and_no_addresses(description, shown):
    text = message_of(an_invoice(description=description), "bob@example.com", LINK).text

    assert text.splitlines()[2] == shown


def test_it_names_the_cafe():
    message = message_of(an_invoice(), "bob@example.com", LINK)

    assert "café" in message.subject
    assert message.text.startswith("The café sends you")


def test_it_does_not_name_the_payee():
    assert "ann" not in message_of(an_invoice(), "bob@example.com", LINK).text


def test_no_mail_raises_not_mailed():
    with pytest.raises(NotMailed, match="mailFrom"):
        NoMail().send(message_of(an_invoice(), "bob@example.com", LINK))
