"""The keys of photos and related items in the table and in the bucket.

| item | `userid` | `id` |
| --- | --- | --- |
| a photo | its owner | its ID |
| a user's usage | the user | `quota` |
| a reservation | `reservation#` and the photo's ID | `reservation` |
| the IDs of a user's pending reservations | `pending#` and the user | `pending` |

Photo IDs begin with a digit or `a` to `f`, so the other items sort after them, and no user name can match a
reservation. A reservation is kept as long as its photo: it is a consistent lookup of the owner by ID, which an index
could not provide.

The index `shardTime` lists everyone's photos. All lists are newest first, because IDs sort by time.

A picture is stored in the bucket under `uploads/{userid}/{id}`, or under `identities/{identity id}/{id}` if its owner
uploaded it with identity pool credentials. A client's file name is never part of a key.
"""

import re
from urllib.parse import quote

from msgspec import UNSET, UnsetType

from lambdas.runtime.ids import GENERATED_ID, SHARDS, Customer
from lambdas.runtime.paging import Paged
from lambdas.runtime.tables import Index

PHOTO_ID = re.compile(GENERATED_ID)
"""The format of a photo's ID, which is also its position in a list."""

MAX_PHOTO_ID = "g"
"""Sorts after all photo IDs and before the IDs of other items."""

QUOTA = "quota"
PENDING = "pending"
RESERVATION = "reservation"

OBJECT_KEY = re.compile(rf"(uploads|identities)/[^/]+/(?P<id>{PHOTO_ID.pattern})")


SHARD_TIME = Index("shardTime", "_shard", "id")
"""Everyone's photos, by shard and ID."""


class PhotosQuery(Paged):
    """`?limit=`, `?userid=`, and the `cursor` of a next-page link."""

    PATH = "photos"
    POSITION = PHOTO_ID

    userid: Customer | UnsetType = UNSET


def shard(id: str) -> str:
    """The shard of a photo, from the random digits at the end of its ID."""
    return SHARDS[int(id[-8:], 16) % len(SHARDS)]


def upload_key(userid: str, id: str) -> str:
    """The key of a photo uploaded through the API or a form. The user name is encoded, so it cannot alter the key."""
    return f"uploads/{quote(userid, safe='')}/{id}"


def reserved_id(key: str) -> str | None:
    """The ID at the end of an object's key; `None` if the key is not one for photos."""
    match = OBJECT_KEY.fullmatch(key)
    return match["id"] if match else None


def matches_key(key: str, userid: str, id: str) -> bool:
    """Whether a user's photo may have this key in the bucket."""
    return key == upload_key(userid, id) or (key.startswith("identities/") and reserved_id(key) == id)
