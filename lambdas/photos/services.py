"""The services that the photo handlers call: created once per process on first use, from environment variables."""

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
    """Files pictures in the same table and bucket."""
    from lambdas.photos.filing import Filing

    return Filing(photos_table(), photos_bucket(), photo_quota())


@cache
def photos_table() -> "PhotosTable":
    """The photos in the table `PHOTOS_TABLE`."""
    from lambdas.photos.table import PhotosTable

    return PhotosTable(os.environ["PHOTOS_TABLE"])


@cache
def photos_bucket() -> "PhotosBucket":
    """The bucket `PHOTOS_BUCKET`. `PHOTOS_ADDRESSING` puts its name in the URL's host (`virtual`) or `path`."""
    from lambdas.photos.bucket import PhotosBucket

    return PhotosBucket(os.environ["PHOTOS_BUCKET"], path_style=os.environ["PHOTOS_ADDRESSING"] == "path")


@cache
def photo_quota() -> "Quota":
    """Each user's quota: `PHOTO_QUOTA_COUNT` photos, and `PHOTO_QUOTA_MEGABYTES` MB in total."""
    from lambdas.photos.quota import BYTES_PER_MEGABYTE, Quota

    megabytes = int(os.environ["PHOTO_QUOTA_MEGABYTES"])
    return Quota(int(os.environ["PHOTO_QUOTA_COUNT"]), megabytes * BYTES_PER_MEGABYTE)
