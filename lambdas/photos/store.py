"""The ports to the photo store and bucket, implemented by DynamoDB and S3 in production."""

from typing import Protocol

from lambdas.photos.models import ContentType, Reservation, StoredPhoto, UploadForm
from lambdas.photos.quota import Quota, Usage
from lambdas.runtime.tables import Page


class Store(Protocol):
    """Stores photos by `userid` and `id`, each user's usage, and reservations by `id`."""

    def usage(self, userid: str) -> Usage:
        """A user's current usage."""

    def reserve(self, reservation: Reservation, limit: int) -> bool:
        """Store a new reservation until it expires. `False` if its owner has `limit` or more that are pending."""

    def reservation(self, id: str) -> Reservation | None:
        """The reservation, pending or fulfilled, or `None`."""

    def refuse(self, reservation: Reservation, reason: str) -> None:
        """End a reservation that is still pending, and keep the reason until it expires."""

    def file(self, photo: StoredPhoto, quota: Quota) -> None:
        """Store a photo, fulfill its reservation and update the usage, atomically. Repeating it changes nothing.

        Raises `Refusal`: `missing` if it has no reservation, or another object version fulfilled it; `conflict` if it
        exceeds the quota; `unavailable` after too many concurrent writes.
        """

    def get(self, userid: str, id: str) -> StoredPhoto | None:
        """The photo, or `None`."""

    def delete(self, photo: StoredPhoto) -> bool:
        """Delete a photo and its reservation, and reduce the usage. `False` if it was already deleted.

        Raises `Refusal`: `unavailable` after too many concurrent writes.
        """

    def page(self, userid: str | None, limit: int, after: str | None) -> Page[StoredPhoto]:
        """Up to `limit` photos, newest first, of one user or all."""


class Files(Protocol):
    """The bucket. Objects are always read by version."""

    def put(self, key: str, content: bytes, content_type: ContentType) -> str:
        """Store an object. Return its version."""

    def get(self, key: str, version: str) -> bytes:
        """An object's content. Raises `Refusal`: `too_large` if it exceeds the maximum size of a photo."""

    def delete(self, key: str, version: str) -> None:
        """Delete a version of an object permanently. No effect if it does not exist."""

    def upload_form(self, key: str, content_type: ContentType) -> UploadForm:
        """The form with which a browser uploads an object of this type under this key."""

    def url(self, photo: StoredPhoto) -> str:
        """A URL that serves the picture to anyone for a few minutes."""
