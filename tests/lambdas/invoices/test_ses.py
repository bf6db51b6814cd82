import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.invoices.mail import MailDisabled, Message, NotMailed
from lambdas.invoices.ses import SesMail

MESSAGE = Message("bob@example.com", "Invoice", "Zwei Käsekuchen")


class FakeSes:
    def __init__(self, error=None):
        self.error = error
        self.sent = []

    def send_email(self, **request):
        if self.error:
            raise self.error
        self.sent.append(request)


def test_a_mail_is_plain_text_to_one_address():
    ses = FakeSes()

    SesMail("cafe@example.com", ses).send(MESSAGE)

    assert ses.sent == [
        {
            "FromEmailAddress": "cafe@example.com",
            "Destination": {"ToAddresses": ["bob@example.com"]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Invoice", "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": "Zwei Käsekuchen", "Charset": "UTF-8"}},
                }
            },
        }
    ]


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "MessageRejected", "Message": "not verified"}}, "SendEmail"),
        EndpointConnectionError(endpoint_url="https://email.example"),
    ],
)
def test_ses_errors_raise_not_mailed(error):
    with pytest.raises(NotMailed, match="SES did not accept the email"):
        SesMail("cafe@example.com", FakeSes(error)).send(MESSAGE)


@pytest.mark.parametrize(
    ("address", "sent"),
    [("bob@b\u00fccher.example", "bob@xn--bcher-kva.example"), ("Bob@EXAMPLE.com", "Bob@example.com")],
)
def test_a_domain_is_sent_in_ascii(address, sent):
    ses = FakeSes()

    SesMail("cafe@example.com", ses).send(MESSAGE._replace(to=address))

    assert ses.sent[0]["Destination"] == {"ToAddresses": [sent]}


@pytest.mark.parametrize(
    "address", ["bob@stra\u00dfe.example", "b\u00f6b@example.com", "bob@" + "\u00e4" * 63 + ".example"]
)
def test_an_address_that_ses_does_not_support_is_no_failure(address):
    """Anyone could trigger the alarm otherwise; and `\u00df` would become the domain of somebody else."""
    ses = FakeSes()

    with pytest.raises(MailDisabled):
        SesMail("cafe@example.com", ses).send(MESSAGE._replace(to=address))

    assert ses.sent == []
