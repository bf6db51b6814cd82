"""Clients for AWS's services.

They are botocore's, which boto3's are as well: what boto3 adds to them no function uses, and importing it would take a
tenth of a function's start.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session, get_session

SERVICES = ("cognito-idp", "dynamodb", "s3", "sesv2", "sns", "sqs", "stepfunctions")
"""Those that functions call, by their names in boto3."""


class _Loader(Loader):
    """Reads the descriptions of services. botocore's own looks through the folders of all 400 first, twice for each
    client, to know which there are: that would be another tenth of a function's start."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  botocore's
        """Those that are asked for here."""
        return list(SERVICES)


@cache
def client(service: str, config: Config | None = None) -> Any:
    """The client for one of `SERVICES`. Region and credentials come from the environment."""
    return _session().create_client(service, config=config)


@cache
def _session() -> Session:
    """What clients have in common, read once."""
    session = get_session()
    session.register_component("data_loader", _Loader())
    return session
