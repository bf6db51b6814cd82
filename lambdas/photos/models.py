"""Photo and upload types, for requests, responses and storage."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, convert, field, to_builtins

from lambdas.runtime.ids import Customer, GeneratedId, OrderId, created_at

MAX_FORM_BYTES = 2 * 1024 * 1024
"""The largest photo in a form. As base64, it stays well below Lambda's payload limit of 6 MB."""

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""The largest photo that can be uploaded in any way."""


class ContentType(StrEnum):
    """The supported picture formats."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"


class PhotoKey(Struct, frozen=True):
    """The path parameters of one photo."""

    id: GeneratedId


class PhotoForm(Struct, forbid_unknown_fields=True):
    """The body of `POST /form`: the user, the picture as base64 or a base64 data URL, and optionally the user's order
    that it belongs to."""

    userid: Customer
    photo: Annotated[str, Meta(min_length=1)]
    order_id: OrderId | UnsetType = field(default=UNSET, name="orderId")


class NewUpload(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST /photos`: the type of the upload, its size in bytes, and optionally the user's order that it
    belongs to."""

    content_type: ContentType
    size: Annotated[int, Meta(ge=1, le=MAX_UPLOAD_BYTES)]
    order_id: OrderId | UnsetType = UNSET


COUNTED_MS = 3_600_000


class Reservation(Struct, kw_only=True):
    """An ID under which a user may upload one photo; later, the record of that photo's owner.

    `_version` is the object version that was examined and stored. Until it is set, the reservation is pending, and
    expires at `_expireOn` (seconds). `refused` says why its upload was discarded, if it was.
    """

    id: str
    owner: str
    order_id: OrderId | UnsetType = field(default=UNSET, name="orderId")
    expire_on: int = field(default=0, name="_expireOn")
    version: str | None = field(default=None, name="_version")
    refused: str = ""

    def counts(self, now: int) -> bool:
        """Whether it takes room, at time `now` (ms): not when nothing was uploaded in an hour."""
        return self.is_pending(now) and created_at(self.id) > now - COUNTED_MS

    def is_pending(self, now: int) -> bool:
        """Whether an upload may still fulfill it, at time `now` (ms). DynamoDB may delete expired items late."""
        return self.version is None and not self.refused and self.expire_on > now // 1000


class Photo(Struct, kw_only=True, rename="camel"):
    """A photo: its owner, key in the bucket, content type, size in bytes, and SHA-256 in hex.

    `orderId` is the order that it belongs to, according to its owner. `_createdAt` is in ms since 1970. `url` serves
    the picture for five minutes.
    """

    id: str
    userid: str
    key: str
    content_type: ContentType
    size: int
    sha256: str
    order_id: OrderId | UnsetType = UNSET
    created_at: int = field(name="_createdAt")
    url: str | UnsetType = UNSET


class StoredPhoto(Photo, kw_only=True):
    """A photo as stored, with the object version that was examined. No other version is ever served."""

    version: str = field(name="_version")

    def public(self, url: str | None = None) -> Photo:
        """The photo as clients see it, with the URL of its picture, if given."""
        return convert({**to_builtins(self), **({"url": url} if url else {})}, Photo)


class UploadForm(Struct):
    """A form to upload a file directly to the bucket: these fields first, then `file`."""

    bucket: str
    url: str
    fields: dict[str, str]


class ReservedUpload(UploadForm):
    """A photo's ID, and how to upload it: with a form to `url`, which stores it under `key`.

    Or with identity pool credentials, to `bucket` under `identities/{identity id}/{id}`.
    """

    id: str
    key: str
