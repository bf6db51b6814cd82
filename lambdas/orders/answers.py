"""Orders as the body of an answer, and their entity tags."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

from lambdas.orders.models import Order
from lambdas.runtime.http import Response


def one(order: Order, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """An answer that holds one order."""
    return Response(status, order.public(), {"ETag": etag(order), **headers})


def etag(order: Order) -> str:
    """The order's entity tag: a strong one, as the body is the same byte for byte."""
    return f'"{order.revision}"'


def list_revision(orders: Iterable[Order], form: str) -> str:
    """What tells a list from every other: its orders as they are, and the form that they are sent in."""
    states = " ".join(f"{order.id}:{order.revision}" for order in orders)
    return hashlib.sha256(f"{form} {states}".encode()).hexdigest()[:32]
