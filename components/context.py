"""The context that the program's components share."""

from typing import NamedTuple

import pulumi

from lambdas.api.channels import NAMESPACE

from .blocks.account import Account
from .blocks.addresses import Addresses
from .blocks.iam import Grant
from .blocks.mail_sender import MailSender
from .blocks.names import make_prefix
from .blocks.permissions_boundary import PermissionsBoundary
from .blocks.python_function import FunctionPlatform
from .packaging.packages_layer import packages_layer
from .settings import Settings


class Context(NamedTuple):
    """Names, addresses and function settings of a stack."""

    prefix: str
    """Prefix of every name: keeps stacks apart, and lets the permissions boundary match the café's resources."""

    addresses: Addresses
    mail: MailSender | None
    """The sender of the café's mail, with `mailFrom`."""

    platform: FunctionPlatform
    """Code, layers, logs and permissions boundary of the functions."""


def make_context(settings: Settings) -> Context:
    """Create the layer, the permissions boundary and the sender of mail, and return the context."""
    # Set by `python -m local preview`, which downloads nothing.
    offline = pulumi.Config("local").get_bool("offline") or False
    prefix = make_prefix(pulumi.get_project(), pulumi.get_stack())
    account = Account()
    addresses = Addresses(account, settings.emulator_url)
    mail = MailSender(f"{prefix}-mail", addresses, settings.mail_from) if settings.mail_from else None
    boundary = PermissionsBoundary(
        f"{prefix}-boundary",
        {
            "prefix": prefix,
            "grants": _grants(prefix, account, mail),
            "retain": settings.manage_account_log_role,
        },
    )
    layers = []
    if settings.function_layer:
        layers = [packages_layer(f"{prefix}-packages", settings.architecture, build=not offline)]
    platform: FunctionPlatform = {
        "bytecode": settings.function_layer and not offline,
        "layers": layers,
        "boundary_arn": boundary.arn,
        "boundary_prefix": prefix,
        "keep_logs": settings.protect,
        "metrics_namespace": prefix,
        **settings.inputs(FunctionPlatform),
    }
    return Context(prefix, addresses, mail, platform)


def _grants(prefix: str, account: Account, mail: MailSender | None) -> list[Grant]:
    """What the café's roles may do besides."""
    return [
        {
            "actions": [
                *("s3:PutObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"),
                *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
            ],
            # Photos, not the site's files. No role may list a bucket: callers must know the keys.
            "resources": [account.bucket_arn(f"{prefix}-photos-*/*")],
        },
        {"actions": ["s3:PutObject"], "resources": [account.bucket_arn(f"{prefix}-invoices-anchor-*/*")]},
        # The event API's ID has no prefix.
        {
            "actions": ["appsync:EventPublish"],
            "resources": [account.arn("appsync", f"apis/*/channelNamespace/{NAMESPACE}")],
        },
        *([mail.grant] if mail else []),
    ]
