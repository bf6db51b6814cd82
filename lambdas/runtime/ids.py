"""Ids, the clock that they sort by, and the shards of indexes of everyone's items."""

import secrets
import time
from typing import Annotated

from msgspec import Meta

SHARDS = tuple("0123")
"""Partitions of an index of everyone's items. Each takes 1,000 writes per second (DynamoDB's limit), and a page of
everyone's items costs one query per shard."""

Customer = Annotated[str, Meta(min_length=1, max_length=128)]
"""A Cognito user name (at most 128 characters)."""

# `$` alone would accept a trailing newline. Clients resolve `.` and `..` in a path, so no client could address them.
OrderId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^(?!\.\.?(?![\s\S]))[A-Za-z0-9._-]+(?![\s\S])")]
"""1 to 64 characters of `A-Z a-z 0-9 . _ -`, but not `.` or `..`. Clients may choose order IDs."""

GENERATED_ID = r"[0-9a-f]{12}-[0-9a-f]{20}"
"""The format of `new_id`, as a regular expression."""

GeneratedId = Annotated[str, Meta(pattern=rf"^{GENERATED_ID}(?![\s\S])")]
"""An ID that only the server generates, for photos and invoices."""


def now_ms() -> int:
    """The current time in ms since 1970."""
    return time.time_ns() // 1_000_000


def new_id(now: int) -> str:
    """An ID that sorts by time and cannot be guessed: 12 hex digits of ms, then 80 random bits."""
    return f"{now:012x}-{secrets.token_hex(10)}"


def created_at(id: str) -> int:
    """The time in ms at which `new_id` was called, from the beginning of the ID."""
    return int(id[:12], 16)
