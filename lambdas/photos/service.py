"""What people do with photos, one method a use case; `lambdas.photos.filing` has those that look at pictures."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from lambdas.photos import keys
from lambdas.photos.models import NewUpload, Reservation, ReservedUpload, StoredPhoto
from lambdas.photos.quota import Quota
from lambdas.photos.store import Files, Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import new_id, now_ms
from lambdas.runtime.tables import Page

RESERVED_SECONDS = 24 * 3600
"""How long an upload may take to arrive: S3 delivers nearly every event within seconds, and all but a few in a day."""


class Photos:
    """The use cases over a store and a bucket, for users who may each keep as much as `quota` says."""

    def __init__(self, store: Store, files: Files, quota: Quota, now: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._files = files
        self._quota = quota
        self._now = now

    def reserve(self, caller: Caller, upload: NewUpload) -> ReservedUpload:
        """An id for an upload of the caller's own, and how to do it.

        Refused when there is no room for it; whether there is counts again when it arrives.
        """
        reservation = reserve(self._store, self._quota, caller.name, upload.size, self._now(), upload.order_id)
        key = keys.upload_key(caller.name, reservation.id)
        form = self._files.upload_form(key, upload.content_type)
        return ReservedUpload(id=reservation.id, key=key, bucket=form.bucket, url=form.url, fields=form.fields)

    def get(self, caller: Caller, id: str) -> tuple[StoredPhoto, str]:
        """One photo, and the address of its picture."""
        photo = self._find(caller, id)
        return photo, self._files.address(photo)

    def page(
        self, caller: Caller, userid: str | None, limit: int, after: str | None
    ) -> tuple[Page[StoredPhoto], list[str]]:
        """Photos, newest first, and the addresses of their pictures: the caller's own; for staff those of `userid`, or
        everyone's."""
        if userid is None and not caller.is_staff:
            userid = caller.name
        if userid not in (None, caller.name) and not caller.is_staff:
            raise Refusal("forbidden", "These are another user's photos.")
        page = self._store.page(userid, limit, after)
        return page, [self._files.address(photo) for photo in page.items]

    def delete(self, caller: Caller, id: str) -> None:
        """Remove a photo for good."""
        photo = self._find(caller, id)
        # The picture goes first: when the rest fails, there is still something to ask for it again by.
        self._files.delete(photo.key, photo.version)
        if not self._store.delete(photo):
            raise _missing(id)

    def _find(self, caller: Caller, id: str) -> StoredPhoto:
        """The caller's own photo of that id; for staff anybody's. Others do not learn whether there is one."""
        userid = caller.name
        if caller.is_staff:
            reservation = self._store.reservation(id)
            userid = reservation.owner if reservation else userid
        photo = self._store.get(userid, id)
        if photo is None:
            raise _missing(id)
        return photo


def reserve(
    store: Store, quota: Quota, userid: str, size: int, now: int, order_id: str | UnsetType = UNSET
) -> Reservation:
    """Reserve an id for a photo of `size` bytes, `now` (ms). `Refusal` when there is no room for it."""
    if not quota.has_room(store.usage(userid), size):
        raise quota.exceeded(size)
    expire_on = now // 1000 + RESERVED_SECONDS
    reservation = Reservation(id=new_id(now), owner=userid, order_id=order_id, expire_on=expire_on)
    store.reserve(reservation)
    return reservation


def _missing(id: str) -> Refusal:
    return Refusal("missing", f"There is no photo `{id}`.")
