"""Where photos are kept, as the domain sees it: ports that DynamoDB and S3 serve in production."""

from typing import Protocol

from lambdas.photos.models import ContentType, Reservation, StoredPhoto, UploadForm
from lambdas.photos.quota import Quota, Usage
from lambdas.runtime.tables import Page


class Store(Protocol):
    """Photos by `userid` and `id`, what each user keeps in all, and reservations by `id`."""

    def usage(self, userid: str) -> Usage:
        """What a user keeps."""

    def reserve(self, reservation: Reservation) -> None:
        """Keep a new reservation until it expires."""

    def reservation(self, id: str) -> Reservation | None:
        """The reservation, pending or fulfilled, or `None`."""

    def release(self, reservation: Reservation) -> None:
        """Remove a reservation, if it is still pending."""

    def file(self, photo: StoredPhoto, quota: Quota) -> None:
        """Store a photo, fulfil its reservation and count it, all three or none. The same photo again changes nothing.

        Raises `Refusal`: `missing` when there is no reservation for it, or it went to another version of the object;
        `conflict` when the quota does not allow it; `throttled` when too much happens at once.
        """

    def get(self, userid: str, id: str) -> StoredPhoto | None:
        """The photo, or `None`."""

    def delete(self, photo: StoredPhoto) -> bool:
        """Remove a photo with its reservation and give back what it took; `False` when it was gone already.

        Raises `Refusal`: `throttled` when too much happens at once.
        """

    def page(self, userid: str | None, limit: int, after: str | None) -> Page[StoredPhoto]:
        """Up to `limit` photos, newest first, of one user or of all."""


class Files(Protocol):
    """The bucket. An object is only ever asked for by its version."""

    def put(self, key: str, content: bytes, content_type: ContentType) -> str:
        """Store an object; returns its version."""

    def get(self, key: str, version: str) -> bytes:
        """An object's content. `Refusal` (`too_large`) when it is larger than any photo."""

    def delete(self, key: str, version: str) -> None:
        """Remove a version of an object for good; nothing happens when it is not there."""

    def upload_form(self, key: str, content_type: ContentType) -> UploadForm:
        """What a browser needs to put an object of this type under this key."""

    def address(self, photo: StoredPhoto) -> str:
        """An address at which anybody gets the picture, for a few minutes."""
