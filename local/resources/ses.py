"""SES email identities."""

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides


@provides("aws:sesv2/emailIdentity:EmailIdentity")
class EmailIdentity(Provider):
    """A sender address. It is verified immediately: the emulator sends no email, and keeps all messages at
    `/_ministack/ses/messages`."""

    immutable = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        address = inputs["emailIdentity"]
        aws.client("sesv2").create_email_identity(EmailIdentity=address)
        return Created(address, {"arn": aws.arn("ses", f"identity/{address}")})

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("sesv2").delete_email_identity(EmailIdentity=existing.id)
