"""The descriptions of AWS's services that clients are made from: botocore's own files, read sooner."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

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


class Descriptions(Loader):
    """Those of `SERVICES`. botocore's own loader looks through the folders of all 400 first, twice for each client, to
    know which there are: that would be another tenth of a function's start."""

    FILE_LOADER_CLASS = Files

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  botocore's
        """The services that are asked for here."""
        return list(SERVICES)
