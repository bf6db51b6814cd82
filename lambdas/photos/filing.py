"""How an uploaded picture becomes a photo: it is examined, then stored or discarded.

Every new object in the bucket causes an event. If an API call fails halfway, the object's event completes its work:
both do the same, and the second one finds it done.
"""

import hashlib
from collections.abc import Callable

from lambdas.photos import keys
from lambdas.photos.arrivals import Arrival
from lambdas.photos.forms import decode
from lambdas.photos.models import ContentType, PhotoForm, Reservation, StoredPhoto
from lambdas.photos.pictures import examine
from lambdas.photos.quota import Quota
from lambdas.photos.service import reserve
from lambdas.photos.store import Files, Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import now_ms


class Filing:
    """Examines pictures and files them in a store and a bucket. `look` returns a picture's content type."""

    def __init__(
        self,
        store: Store,
        files: Files,
        quota: Quota,
        now: Callable[[], int] = now_ms,
        look: Callable[[bytes], ContentType] = examine,
    ) -> None:
        self._store = store
        self._files = files
        self._quota = quota
        self._now = now
        self._look = look

    def create(self, caller: Caller, form: PhotoForm) -> StoredPhoto:
        """File the picture in a form, for the caller only. It is examined before anything is written."""
        if form.userid != caller.name:
            raise Refusal("forbidden", "`userid` must be your own user name.")
        content = decode(form.photo)
        content_type = self._look(content)
        reservation = reserve(self._store, self._quota, caller.name, len(content), self._now(), form.order_id)
        key = keys.upload_key(caller.name, reservation.id)
        arrival = Arrival(key, self._files.put(key, content, content_type))
        photo = _photo(arrival, reservation, content, content_type)
        try:
            self._store.file(photo, self._quota)
        except Refusal:
            if self._discard(arrival, reservation):
                raise
        return photo

    def file_upload(self, arrival: Arrival) -> StoredPhoto | None:
        """File a new object. `None` if it is already filed.

        Raises `Refusal` with the reason why it was discarded; after `throttled`, it was not discarded, and the caller
        must retry.
        """
        reservation = self._reservation(arrival)
        if reservation is None:
            self._files.delete(arrival.key, arrival.version)
            raise Refusal("missing", "No reservation exists for this upload.")
        if reservation.version is not None:
            return None
        try:
            content = self._files.get(arrival.key, arrival.version)
            photo = _photo(arrival, reservation, content, self._look(content))
            self._store.file(photo, self._quota)
        except Refusal as refusal:
            if refusal.reason == "throttled" or self._discard(arrival, reservation):
                raise
            return None
        return photo

    def _reservation(self, arrival: Arrival) -> Reservation | None:
        """The reservation that is pending for an object, or that the object fulfilled; `None` if there is none."""
        photo_id = keys.reserved_id(arrival.key)
        found = self._store.reservation(photo_id) if photo_id else None
        if found is None or not keys.matches_key(arrival.key, found.owner, found.id):
            return None
        if found.version is not None:
            # A form can be sent twice while it is valid. The first object is the photo.
            return found if found.version == arrival.version else None
        # DynamoDB may delete expired items late.
        return found if found.expire_on > self._now() // 1000 else None

    def _discard(self, arrival: Arrival, reservation: Reservation) -> bool:
        """Delete a reservation and its object, unless a concurrent call has made a photo of it. Return whether it did.

        The reservation goes first: an object without one is discarded whenever its event is redelivered.
        """
        self._store.release(reservation)
        left = self._store.reservation(reservation.id)
        if left is not None and left.version == arrival.version:
            return False
        self._files.delete(arrival.key, arrival.version)
        return True


def _photo(arrival: Arrival, reservation: Reservation, content: bytes, content_type: ContentType) -> StoredPhoto:
    """The photo for an object, the same from the API and from the event."""
    return StoredPhoto(
        id=reservation.id,
        userid=reservation.owner,
        key=arrival.key,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        order_id=reservation.order_id,
        created_at=keys.created_at(reservation.id),
        version=arrival.version,
    )
