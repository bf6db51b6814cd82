"""What S3 tells of objects that have arrived (S3 user guide, "Event message structure")."""

from typing import NamedTuple
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct


class Arrival(NamedTuple):
    """A version of an object that is in the bucket now."""

    key: str
    version: str


class _Object(Struct, rename="camel"):
    key: str
    version_id: str


class _S3(Struct):
    object: _Object


class _Record(Struct):
    s3: _S3


class _Message(Struct):
    # Absent in the one that S3 sends when it is told of the queue (`s3:TestEvent`).
    records: list[_Record] = msgspec.field(default_factory=list, name="Records")


def parse(body: str) -> list[Arrival]:
    """The arrivals in a message; none in the one by which S3 tries the queue. Raises `msgspec.MsgspecError`."""
    records = msgspec.json.decode(body, type=_Message).records
    # Keys are encoded as in a form.
    return [Arrival(unquote_plus(record.s3.object.key), record.s3.object.version_id) for record in records]
