"""The address that the café sends mail from, through Amazon SES."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws

from .addresses import Addresses
from .iam import Grant


class PoolMail(TypedDict):
    """The sender of a user pool's mail."""

    address: pulumi.Input[str]
    """Email address."""

    identity_arn: pulumi.Input[str]
    """ARN of its SES identity, which must be verified, in the user pool's region."""


class MailSender(pulumi.ComponentResource):
    """An email address with its SES identity. AWS sends it a link; mail can be sent once that is opened."""

    address: pulumi.Output[str]
    """The email address. It is known once SES has its identity, so that dependents wait for that."""

    grant: Grant
    """The permission to send mail from the address."""

    for_pool: PoolMail
    """The sender as an input of `AuthLayer`."""

    def __init__(
        self, name: str, addresses: Addresses, address: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cafe:index:MailSender", name, None, opts)
        identity = aws.sesv2.EmailIdentity(name, email_identity=address, opts=pulumi.ResourceOptions(parent=self))
        self.address = identity.email_identity
        self.grant = addresses.mail_grant(address)
        self.for_pool = {"address": self.address, "identity_arn": identity.arn}
        self.register_outputs({"address": self.address})
