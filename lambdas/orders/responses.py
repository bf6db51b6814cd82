"""Responses with orders, and their entity tags."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

from lambdas.orders.models import Order
from lambdas.runtime.http import Response


def one(order: Order, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """A response with one order."""
    return Response(status, order.public(), {"ETag": etag(order), **headers})


def etag(order: Order) -> str:
    """The order's entity tag. It is strong: equal tags mean byte-identical bodies."""
    return f'"{order.revision}"'


def list_revision(orders: Iterable[Order], form: str) -> str:
    """A revision of a list, from its orders' revisions and the form of the response."""
    states = " ".join(f"{order.id}:{order.revision}" for order in orders)
    return hashlib.sha256(f"{form} {states}".encode()).hexdigest()[:32]
