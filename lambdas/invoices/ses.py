"""Email through Amazon SES."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from lambdas.invoices.mail import Mail, Message, NotMailed
from lambdas.runtime import aws


class SesMail(Mail):
    """A `Mail` that sends through SES, from a verified address."""

    def __init__(self, sender: str, client: Any = None) -> None:
        self._sender = sender
        self._client: Any = client or aws.client("sesv2")

    @override
    def send(self, message: Message) -> None:
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [message.to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
                    }
                },
            )
        except (BotoCoreError, ClientError) as error:
            raise NotMailed(f"SES did not accept the email: {error}") from error
