"""Clients for AWS's services.

They are botocore's, which boto3's are as well: what boto3 adds to them no function uses, and importing it would take a
tenth of a function's start.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session, get_session

SERVICES = ("cognito-idp", "dynamodb", "s3", "sesv2", "sns", "sqs", "stepfunctions")
"""Those that functions call, by their names in boto3."""


class Files(JSONFileLoader):
    """Reads files of JSON, compressed or not. botocore's own makes an `OrderedDict` of each object: that takes three
    times as long, a megabyte's worth of it for the regions of all services."""

    def load_file(self, file_path: str) -> Any:
        """What the file of that path, which lacks its ending, has; `None` when there is none."""
        for ending, read in ((".json", Path.read_bytes), (".json.gz", _unpacked)):
            path = Path(file_path + ending)
            if path.is_file():
                return msgspec.json.decode(read(path))
        return None


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


class _Loader(Loader):
    """Reads the descriptions of services. botocore's own looks through the folders of all 400 first, twice for each
    client, to know which there are: that would be another tenth of a function's start."""

    FILE_LOADER_CLASS = Files

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
