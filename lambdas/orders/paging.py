"""The query of a list of orders."""

from msgspec import UNSET, UnsetType

from lambdas.orders.keys import POSITION
from lambdas.orders.models import Customer, Status
from lambdas.paging import Paged


class ListQuery(Paged):
    """`?limit=`, `?status=`, `?customer=` and the `cursor` of a next-page link."""

    PATH = "orders"
    POSITION = POSITION

    status: Status | UnsetType = UNSET
    customer: Customer | UnsetType = UNSET
