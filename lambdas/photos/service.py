"""The use cases for photos, one method each. Those that examine pictures are in `lambdas.photos.filing`."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from lambdas.photos import keys
from lambdas.photos.models import NewUpload, Reservation, ReservedUpload, StoredPhoto
from lambdas.photos.quota import MAX_RESERVED, Quota
from lambdas.photos.store import Files, Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

RESERVED_SECONDS = 15 * 24 * 3600
"""How long an upload can be filed: longer than its event may wait in a dead-letter queue. The form itself is valid for
minutes."""


class Photos:
    """The use cases, with a store, a bucket, and the quota of each user."""

    def __init__(self, store: Store, files: Files, quota: Quota, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._files = files
        self._quota = quota
        self._now = now

    def reserve(self, caller: Caller, upload: NewUpload) -> ReservedUpload:
        """Reserve an ID for the caller, and return it with the upload form.

        Raises `Refusal` if there is no room for it. The quota is checked again when the upload arrives.
        """
        reservation = reserve(self._store, self._quota, caller.name, upload.size, self._now(), upload.order_id)
        key = keys.upload_key(caller.name, reservation.id)
        form = self._files.upload_form(key, upload.content_type)
        return ReservedUpload(id=reservation.id, key=key, bucket=form.bucket, url=form.url, fields=form.fields)

    def get(self, caller: Caller, id: str) -> tuple[StoredPhoto, str]:
        """One photo, and the URL of its picture."""
        photo = self._find(caller, id)
        return photo, self._files.url(photo)

    def page(
        self, caller: Caller, userid: str | None, limit: int, after: str | None
    ) -> tuple[Page[StoredPhoto], list[str]]:
        """Photos, newest first, and the URLs of their pictures: the caller's; for staff, those of `userid` or
        everyone's."""
        if userid is None and not caller.is_staff:
            userid = caller.name
        if userid not in (None, caller.name) and not caller.is_staff:
            raise Refusal("forbidden", "These are another user's photos.")
        page = self._store.page(userid, limit, after)
        return page, [self._files.url(photo) for photo in page.items]

    def delete(self, caller: Caller, id: str) -> None:
        """Delete a photo permanently."""
        photo = self._find(caller, id)
        # The picture goes first: if the rest fails, the photo's item remains, and the request can be repeated.
        self._files.delete(photo.key, photo.version)
        if not self._store.delete(photo):
            raise _missing(id)

    def _find(self, caller: Caller, id: str) -> StoredPhoto:
        """The photo with this ID: the caller's, or anyone's for staff. Other callers do not learn whether it exists."""
        userid = caller.name
        if caller.is_staff:
            reservation = self._store.reservation(id)
            userid = reservation.owner if reservation else userid
        photo = self._store.get(userid, id)
        if photo is None:
            raise self._why_missing(caller, id)
        return photo

    def _why_missing(self, caller: Caller, id: str) -> Refusal:
        """Tell an upload's owner, and staff, why it did not become a photo."""
        reservation = self._store.reservation(id)
        if reservation is None or not reservation.refused or (reservation.owner != caller.name and not caller.is_staff):
            return _missing(id)
        return Refusal("missing", f"There is no photo `{id}`. The upload was refused: {reservation.refused}")


def reserve(
    store: Store, quota: Quota, userid: str, size: int, now: int, order_id: str | UnsetType = UNSET
) -> Reservation:
    """Reserve an ID for a photo of `size` bytes, at time `now` (ms). Raises `Refusal` if there is no room for it.

    Pending reservations count as photos.
    """
    usage = store.usage(userid)
    if not quota.has_room(usage, size):
        raise quota.exceeded(size)
    expire_on = now // 1000 + RESERVED_SECONDS
    reservation = Reservation(id=new_id(now), owner=userid, order_id=order_id, expire_on=expire_on)
    if store.reserve(reservation, min(MAX_RESERVED, quota.count - usage.count)):
        return reservation
    if quota.count - usage.count < MAX_RESERVED:
        raise quota.exceeded(size)
    raise Refusal("throttled", f"You have {MAX_RESERVED} uploads that have not arrived yet. Wait for some of them.")


def _missing(id: str) -> Refusal:
    return Refusal("missing", f"There is no photo `{id}`.")
