"""What the photos handlers call: made once in a process, when a call needs it, from the function's environment."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.photos.bucket import PhotosBucket
    from lambdas.photos.filing import Filing
    from lambdas.photos.quota import Quota
    from lambdas.photos.service import Photos
    from lambdas.photos.table import PhotosTable


@cache
def photos() -> "Photos":
    """The photos in the table `PHOTOS_TABLE` and the bucket `PHOTOS_BUCKET`."""
    from lambdas.photos.service import Photos

    return Photos(photos_table(), photos_bucket(), photo_quota())


@cache
def filing() -> "Filing":
    """What looks at pictures, over the same."""
    from lambdas.photos.filing import Filing

    return Filing(photos_table(), photos_bucket(), photo_quota())


@cache
def photos_table() -> "PhotosTable":
    """The table `PHOTOS_TABLE`."""
    from lambdas.photos.table import PhotosTable

    return PhotosTable(os.environ["PHOTOS_TABLE"])


@cache
def photos_bucket() -> "PhotosBucket":
    """The bucket `PHOTOS_BUCKET`, whose name stands where `PHOTOS_ADDRESSING` says: `virtual` (host) or `path`."""
    from lambdas.photos.bucket import PhotosBucket

    return PhotosBucket(os.environ["PHOTOS_BUCKET"], path_style=os.environ["PHOTOS_ADDRESSING"] == "path")


@cache
def photo_quota() -> "Quota":
    """What each user may keep: `PHOTO_QUOTA_COUNT` photos, `PHOTO_QUOTA_MEGABYTES` in all."""
    from lambdas.photos.quota import BYTES_PER_MEGABYTE, Quota

    megabytes = int(os.environ["PHOTO_QUOTA_MEGABYTES"])
    return Quota(int(os.environ["PHOTO_QUOTA_COUNT"]), megabytes * BYTES_PER_MEGABYTE)
