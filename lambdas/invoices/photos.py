"""People's photos, as far as an invoice has to know them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.photos.store import Store


class KeptPhotos:
    """The `Photos` in a store of photos, which is made only when there is a photo to look for."""

    def __init__(self, store: "Callable[[], Store]") -> None:
        self._store = store

    def has_photo(self, user: str, id: str) -> bool:
        """See `Photos.has_photo`. A photo is in the store once it has been uploaded."""
        return self._store().get(user, id) is not None
