"""The query of a list of photos."""

from msgspec import UNSET, UnsetType

from lambdas.orders.models import Customer
from lambdas.paging import Paged
from lambdas.photos.keys import PHOTO_ID


class PhotosQuery(Paged):
    """`?limit=`, `?userid=` and the `cursor` of a next-page link."""

    PATH = "photos"
    POSITION = PHOTO_ID

    userid: Customer | UnsetType = UNSET
