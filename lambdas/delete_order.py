"""`DELETE /orders/{customer}/{id}`: remove an order for good."""

from http import HTTPStatus

from lambdas.orders.models import OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """Nothing, once it is gone."""
    key = request.key(OrderKey)
    orders().delete(request.caller, key.customer, key.id, request.if_match)
    return Response(HTTPStatus.NO_CONTENT)
