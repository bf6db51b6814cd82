"""A faster loader for botocore's service descriptions, from which clients are created."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

SERVICES = ("cognito-idp", "dynamodb", "kms", "s3", "sesv2", "sns", "sqs", "stepfunctions")
"""The services that the functions call, by their boto3 names."""


class FastJsonLoader(JSONFileLoader):
    """Reads JSON files, compressed or not. botocore's loader creates an `OrderedDict` for each object, which takes
    three times as long; the file of all services' regions alone has a megabyte."""

    def load_file(self, file_path: str) -> Any:
        """The content of the file at a path without extension, or `None` if it does not exist."""
        for ending, read in ((".json", Path.read_bytes), (".json.gz", _read_gzip)):
            path = Path(file_path + ending)
            if path.is_file():
                return msgspec.json.decode(read(path))
        return None


def _read_gzip(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


class ServiceLoader(Loader):
    """Loads the descriptions of `SERVICES`. botocore's loader first lists the folders of all 400 services, twice per
    client, which would take another tenth of a function's start."""

    FILE_LOADER_CLASS = FastJsonLoader

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  botocore's
        """The names in `SERVICES`."""
        return list(SERVICES)
