"""SES email identities."""

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:sesv2/emailIdentity:EmailIdentity")
def email_identity(aws: Aws, planned: Planned) -> Created:
    """Create a sender address. It is verified immediately: the emulator sends no email, and keeps all messages at
    `/_ministack/ses/messages`."""
    address = planned.inputs["emailIdentity"]
    aws.client("sesv2").create_email_identity(EmailIdentity=address)
    return Created(address, {"arn": aws.arn("ses", f"identity/{address}")})
