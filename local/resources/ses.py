"""SES."""

from ops.emulator_client import Aws

from .registry import Made, Planned, creates


@creates("aws:sesv2/emailIdentity:EmailIdentity")
def email_identity(aws: Aws, planned: Planned) -> Made:
    """An address that mail is sent from. It is verified at once: the emulator sends nothing and keeps it all, at
    `/_ministack/ses/messages`."""
    address = planned.inputs["emailIdentity"]
    aws.client("sesv2").create_email_identity(EmailIdentity=address)
    return Made(address, {"arn": aws.arn("ses", f"identity/{address}")})
