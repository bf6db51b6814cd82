"""How an uploaded picture becomes a photo: it is examined, then stored or discarded.

Every new object in the bucket causes an event. If an API call fails halfway, the object's event completes its work:
both do the same, and the second one finds it done.
"""

import hashlib
from collections.abc import Callable

from lambdas.photos import keys
from lambdas.photos.arrivals import UNVERSIONED, Arrival
from lambdas.photos.forms import decode
from lambdas.photos.models import PhotoForm, Reservation, StoredPhoto
from lambdas.photos.pictures import Picture, examine
from lambdas.photos.quota import Quota
from lambdas.photos.service import reserve
from lambdas.photos.store import Files, Store
from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import Refusal
from lambdas.runtime.ids import created_at, now_ms


class Filing:
    """Examines pictures and files them in a store and a bucket."""

    def __init__(
        self,
        store: Store,
        files: Files,
        quota: Quota,
        now: Callable[[], int] = now_ms,
        look: Callable[[bytes], Picture] = examine,
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
        picture = self._look(decode(form.photo))
        reservation = reserve(self._store, self._quota, caller.name, len(picture.content), self._now(), form.order_id)
        arrival = self._put(keys.upload_key(caller.name, reservation.id), picture)
        photo = _photo(arrival, reservation, picture)
        try:
            self._store.file(photo, self._quota)
        except Refusal as refusal:
            if self._discard(arrival, reservation, refusal):
                raise
        return photo

    def file_upload(self, arrival: Arrival) -> StoredPhoto | None:
        """File a new object. `None` if it is already filed.

        Raises `Refusal` with the reason why it was discarded; after `unavailable`, it was not discarded, and the caller
        must retry.
        """
        reservation = self._reservation(arrival)
        if reservation.version is not None:
            return None
        try:
            arrival, picture = self._clean(arrival)
            photo = _photo(arrival, reservation, picture)
            self._store.file(photo, self._quota)
        except Refusal as refusal:
            if refusal.reason == "unavailable" or self._discard(arrival, reservation, refusal):
                raise
            return None
        return photo

    def give_up(self, arrival: Arrival) -> StoredPhoto | None:
        """Discard an object that was not filed in several attempts. Returns `None` if it is filed.

        Raises `Refusal` with the reason.
        """
        reservation = self._reservation(arrival)
        refusal = Refusal("unsupported", "The picture could not be examined. Try again, or save it in another format.")
        if reservation.version is None and self._discard(arrival, reservation, refusal):
            raise refusal
        return None

    def _clean(self, arrival: Arrival) -> tuple[Arrival, Picture]:
        """Examine an object, and replace it with a clean copy if it differs from it.

        The copy has an event of its own, which completes the work if this call fails halfway.
        """
        content = self._files.get(arrival.key, arrival.version)
        picture = self._look(content)
        # An object without a version of its own could be replaced after it was examined.
        if picture.content == content and arrival.version != UNVERSIONED:
            return arrival, picture
        copy = self._put(arrival.key, picture)
        self._files.delete(arrival.key, arrival.version)
        return copy, picture

    def _put(self, key: str, picture: Picture) -> Arrival:
        return Arrival(key, self._files.put(key, picture.content, picture.content_type))

    def _reservation(self, arrival: Arrival) -> Reservation:
        """The reservation that is pending for an object, or that the object fulfilled. Without one, deletes the object
        and raises `Refusal`."""
        photo_id = keys.reserved_id(arrival.key)
        found = self._store.reservation(photo_id) if photo_id else None
        if (
            found is not None
            and keys.matches_key(arrival.key, found.owner, found.id)
            # A form can be sent twice while it is valid. The first object is the photo.
            and (found.is_pending(self._now()) or found.version == arrival.version)
        ):
            return found
        self._files.delete(arrival.key, arrival.version)
        raise Refusal("missing", "No reservation exists for this upload.")

    def _discard(self, arrival: Arrival, reservation: Reservation, refusal: Refusal) -> bool:
        """End a reservation and delete its object, unless a concurrent call has made a photo of it. Return whether it
        did.

        The reservation goes first: an object without one is discarded whenever its event is redelivered.
        """
        self._store.refuse(reservation, str(refusal))
        left = self._store.reservation(reservation.id)
        if left is not None and left.version == arrival.version:
            return False
        self._files.delete(arrival.key, arrival.version)
        return True


def _photo(arrival: Arrival, reservation: Reservation, picture: Picture) -> StoredPhoto:
    """The photo for an object, the same from the API and from the event."""
    return StoredPhoto(
        id=reservation.id,
        userid=reservation.owner,
        key=arrival.key,
        content_type=picture.content_type,
        size=len(picture.content),
        sha256=hashlib.sha256(picture.content).hexdigest(),
        order_id=reservation.order_id,
        created_at=created_at(reservation.id),
        version=arrival.version,
    )
