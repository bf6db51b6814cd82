"""How a picture becomes a photo: it is looked at, and kept or thrown away.

Every object that arrives in the bucket has an event. An API call that ends halfway leaves an object behind that its
event puts in order: both do the same, and whoever comes second finds it done.
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
    """Looks at pictures and files them, over a store and a bucket; `look` tells what kind of picture it is."""

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
        """File the picture in a form: the caller's own only. Nothing is written before it has been looked at."""
        if form.userid != caller.name:
            raise Refusal("forbidden", "`userid` is somebody else's; it has to be your own.")
        content = decode(form.photo)
        content_type = self._look(content)
        reservation = reserve(self._store, self._quota, caller.name, len(content), self._now(), form.order_id)
        key = keys.upload_key(caller.name, reservation.id)
        arrival = Arrival(key, self._files.put(key, content, content_type))
        photo = _photo(arrival, reservation, content, content_type)
        try:
            self._store.file(photo, self._quota)
        except Refusal:
            if self._throw_away(arrival, reservation):
                raise
        return photo

    def arrive(self, arrival: Arrival) -> StoredPhoto | None:
        """File an object that has arrived; `None` when that has been done before.

        `Refusal` says why it was thrown away; `throttled` means that it was not, and is to be tried again.
        """
        reservation = self._reservation(arrival)
        if reservation is None:
            self._files.delete(arrival.key, arrival.version)
            raise Refusal("missing", "Nobody has reserved this.")
        if reservation.version is not None:
            return None
        try:
            content = self._files.get(arrival.key, arrival.version)
            photo = _photo(arrival, reservation, content, self._look(content))
            self._store.file(photo, self._quota)
        except Refusal as refusal:
            if refusal.reason == "throttled" or self._throw_away(arrival, reservation):
                raise
            return None
        return photo

    def _reservation(self, arrival: Arrival) -> Reservation | None:
        """The reservation that an object arrives for, or that it has fulfilled; `None` when there is none."""
        photo_id = keys.reserved_id(arrival.key)
        found = self._store.reservation(photo_id) if photo_id else None
        if found is None or not keys.is_place_of(arrival.key, found.owner, found.id):
            return None
        if found.version is not None:
            # Whoever still has the form may send a second object: the first one is the photo.
            return found if found.version == arrival.version else None
        # The table takes its time to forget what has expired.
        return found if found.expire_on > self._now() // 1000 else None

    def _throw_away(self, arrival: Arrival, reservation: Reservation) -> bool:
        """Remove a reservation and the object; not when somebody else has made a photo of it in the meantime.

        The reservation goes first: an object without one is thrown away whenever its event comes again.
        """
        self._store.release(reservation)
        left = self._store.reservation(reservation.id)
        if left is not None and left.version == arrival.version:
            return False
        self._files.delete(arrival.key, arrival.version)
        return True


def _photo(arrival: Arrival, reservation: Reservation, content: bytes, content_type: ContentType) -> StoredPhoto:
    """The photo that an object is, the same whoever files it."""
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
