"""S3 event messages about new objects (S3 user guide, "Event message structure")."""

from typing import NamedTuple
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct

UNVERSIONED = "null"
"""The version of objects that were stored before versioning took effect, which may take 15 minutes on a new bucket (S3
user guide, "Enabling versioning on buckets")."""


class Arrival(NamedTuple):
    """A new object version in the bucket."""

    key: str
    version: str


class _Object(Struct, rename="camel"):
    key: str
    version_id: str = UNVERSIONED


class _S3(Struct):
    object: _Object


class _Record(Struct):
    s3: _S3


class _Message(Struct):
    # Absent in the test message that S3 sends when the queue is configured (`s3:TestEvent`).
    records: list[_Record] = msgspec.field(default_factory=list, name="Records")


def parse(body: str) -> list[Arrival]:
    """The arrivals in a message; none in S3's test message. Raises `msgspec.MsgspecError`."""
    records = msgspec.json.decode(body, type=_Message).records
    # Keys are form-encoded.
    return [Arrival(unquote_plus(record.s3.object.key), record.s3.object.version_id) for record in records]
