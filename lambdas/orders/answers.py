"""An order as the body of an answer, with its entity tag."""

from http import HTTPStatus

from lambdas.http import Response
from lambdas.orders.models import Order


def one(order: Order, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """An answer that holds one order."""
    return Response(status, order.public(), {"ETag": etag(order), **headers})


def etag(order: Order) -> str:
    """The order's entity tag: a strong one, as the body is the same byte for byte."""
    return f'"{order.revision}"'
