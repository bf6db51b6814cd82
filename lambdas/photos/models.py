"""The shapes of a photo and of what leads to one, on the wire and in the program."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, convert, field, to_builtins

from lambdas.runtime.ids import Customer, GeneratedId, OrderId

MAX_FORM_BYTES = 2 * 1024 * 1024
"""The largest photo in a form: as base64 it stays well below the 6 MB that a function can be called with."""

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""The largest photo of all."""


class ContentType(StrEnum):
    """The kinds of pictures that are kept."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"


class PhotoKey(Struct, frozen=True):
    """What names one photo, in a path."""

    id: GeneratedId


class PhotoForm(Struct, forbid_unknown_fields=True):
    """The body of `POST /form`: whose photo, the picture as base64, plain or as a data URL, and which of the user's
    orders it belongs to, if any."""

    userid: Customer
    photo: Annotated[str, Meta(min_length=1)]
    order_id: OrderId | UnsetType = field(default=UNSET, name="orderId")


class NewUpload(Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of `POST /photos`: what is going to be uploaded, its size in bytes, and which of the user's orders it
    belongs to, if any."""

    content_type: ContentType
    size: Annotated[int, Meta(ge=1, le=MAX_UPLOAD_BYTES)]
    order_id: OrderId | UnsetType = UNSET


class Reservation(Struct, kw_only=True):
    """An id that somebody may upload a photo under, once; and later whose photo it became.

    `_version` is the object's version that was looked at and kept; until then the reservation is pending, and after
    `_expireOn` (whole seconds) it is none any more.
    """

    id: str
    owner: str
    order_id: OrderId | UnsetType = field(default=UNSET, name="orderId")
    expire_on: int = field(default=0, name="_expireOn")
    version: str | None = field(default=None, name="_version")


class Photo(Struct, kw_only=True, rename="camel"):
    """A photo: whose it is, where in the bucket, of which kind, how many bytes, and their SHA-256 in hex.

    `orderId` is the order that its owner says it belongs to. `_createdAt` is in ms since 1970. `url` leads to the
    picture for five minutes.
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
    """A photo as it is stored: with the object's version that was looked at. No other version is ever served."""

    version: str = field(name="_version")

    def public(self, url: str | None = None) -> Photo:
        """The photo as clients see it, with the address of its picture where there is one."""
        return convert({**to_builtins(self), **({"url": url} if url else {})}, Photo)


class UploadForm(Struct):
    """Where a browser sends a file, straight to the bucket: by a form with these fields first, and then `file`."""

    bucket: str
    url: str
    fields: dict[str, str]


class ReservedUpload(UploadForm):
    """An id for a photo, and how to upload it: by a form to `url`, which puts it under `key`.

    Or with credentials of the identity pool, into `bucket` under `identities/{identity id}/{id}`.
    """

    id: str
    key: str
