import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.invoices.mail import Message, NotMailed
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
