"""The storage quota of each user."""

from msgspec import Struct

from lambdas.runtime.errors import Refusal

BYTES_PER_MEGABYTE = 1024 * 1024


MAX_RESERVED = 50
"""The maximum number of a user's reservations whose uploads have not arrived yet. Until then, any of them may have
the size of the largest upload."""


class Usage(Struct, frozen=True):
    """The number of a user's photos, and their total size in bytes."""

    count: int = 0
    bytes: int = 0


class Quota(Struct, frozen=True):
    """The maximum number and total size of a user's photos."""

    count: int
    bytes: int

    def has_room(self, usage: Usage, size: int) -> bool:
        """Whether one more photo of this size fits."""
        return usage.count + 1 <= self.count and usage.bytes + size <= self.bytes

    def exceeded(self, size: int) -> Refusal:
        """The refusal of a photo that does not fit."""
        allowed = f"the maximum is {self.count:,} photos and {self.bytes // BYTES_PER_MEGABYTE:,} MB"
        return Refusal("conflict", f"There is no room for a photo of {size:,} bytes: {allowed}. Delete some first.")
