"""The keys under which photos and what belongs to them are found, in the table and in the bucket.

| item | `userid` | `id` |
| --- | --- | --- |
| a photo | whose it is | its id |
| what a user has | whose it is | `quota` |
| a reservation | `reservation#` and the photo's id | `reservation` |

Ids of photos begin with a digit or one of `a` to `f`, so the other items come after all of them, and no user's name can
lead to a reservation. A reservation stays as long as its photo: whoever has only the id learns from it whose the photo
is, with certainty, as no index could say.

Everyone's photos are found by the index `shardTime`, newest first like everything here, because ids sort by time.

A picture is in the bucket under `uploads/{userid}/{id}`, or under `identities/{identity id}/{id}` when its owner put it
there with credentials of the identity pool. Nothing that a client calls a file is ever part of a key.
"""

import re
from urllib.parse import quote

from msgspec import UNSET, UnsetType

from lambdas.runtime.ids import GENERATED_ID, SHARDS, Customer
from lambdas.runtime.paging import Paged
from lambdas.runtime.tables import Index

PHOTO_ID = re.compile(GENERATED_ID)
"""What a photo's id looks like. It is the photo's position in a list, too."""

AFTER_ALL = "g"
"""Comes after every photo's id, and before the ids of all other items."""

QUOTA = "quota"
RESERVATION = "reservation"

OBJECT_KEY = re.compile(rf"(uploads|identities)/[^/]+/(?P<id>{PHOTO_ID.pattern})")


SHARD_TIME = Index("shardTime", "_shard", "id")
"""Everyone's photos."""


class PhotosQuery(Paged):
    """`?limit=`, `?userid=` and the `cursor` of a next-page link."""

    PATH = "photos"
    POSITION = PHOTO_ID

    userid: Customer | UnsetType = UNSET


def shard(id: str) -> str:
    """The shard of a photo: its id ends with random digits."""
    return SHARDS[int(id[-8:], 16) % len(SHARDS)]


def created_at(id: str) -> int:
    """When a photo was begun, in ms: that is what its id begins with."""
    return int(id[:12], 16)


def upload_key(userid: str, id: str) -> str:
    """Where a photo goes that is sent through the API or by a form. No character of the name can act in the key."""
    return f"uploads/{quote(userid, safe='')}/{id}"


def reserved_id(key: str) -> str | None:
    """The id that an object's key ends with; `None` where no photo is expected."""
    match = OBJECT_KEY.fullmatch(key)
    return match["id"] if match else None


def is_place_of(key: str, userid: str, id: str) -> bool:
    """Whether a user's photo may be in the bucket under this key."""
    return key == upload_key(userid, id) or (key.startswith("identities/") and reserved_id(key) == id)
