"""How much a user may keep."""

from msgspec import Struct

from lambdas.runtime.errors import Refusal

BYTES_PER_MEGABYTE = 1024 * 1024


class Usage(Struct, frozen=True):
    """How many photos a user keeps, and how many bytes they have together."""

    count: int = 0
    bytes: int = 0


class Quota(Struct, frozen=True):
    """The most that a user may keep."""

    count: int
    bytes: int

    def has_room(self, usage: Usage, size: int) -> bool:
        """Whether one more photo of this size may come to what there is."""
        return usage.count + 1 <= self.count and usage.bytes + size <= self.bytes

    def exceeded(self, size: int) -> Refusal:
        """What is said when it may not."""
        allowed = f"{self.count:,} photos and {self.bytes // BYTES_PER_MEGABYTE:,} MB are allowed"
        return Refusal("conflict", f"There is no room for a photo of {size:,} bytes: {allowed}. Delete some first.")
