"""Email through Amazon SES."""

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from lambdas.invoices.mail import Mail, MailDisabled, Message, NotMailed
from lambdas.runtime import aws

TIMEOUTS = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1})
"""The function must still answer: the invoice is sent, and only the answer has its link."""


def for_ses(address: str) -> str:
    """An email address with its domain in ASCII, as SES requires it (SES API reference, Destination).

    Raises `MailDisabled` for a name that SES does not support, and for a domain that would become another one: Python's
    codec turns `ß` into `ss`, which is a different domain today (RFC 5891).
    """
    name, _, domain = address.rpartition("@")
    try:
        encoded = domain.lower().encode("idna")
    except UnicodeError as error:
        raise MailDisabled(f"the domain of the payer's address is invalid: {error}") from error
    if not name.isascii() or encoded.decode("idna") != domain.lower():
        raise MailDisabled("the payer's address has characters that SES does not support")
    return f"{name}@{encoded.decode()}"


class SesMail(Mail):
    """A `Mail` that sends through SES, from a verified address."""

    def __init__(self, sender: str, client: Any = None) -> None:
        self._sender = sender
        self._client: Any = client or aws.client("sesv2", TIMEOUTS)

    @override
    def send(self, message: Message) -> None:
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [for_ses(message.to)]},
                Content={
                    "Simple": {
                        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
                    }
                },
            )
        except (BotoCoreError, ClientError) as error:
            raise NotMailed(f"SES did not accept the email: {error}") from error
