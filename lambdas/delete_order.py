"""`DELETE /orders/{customer}/{id}`: delete an order permanently."""

from http import HTTPStatus

from lambdas.orders import responses
from lambdas.orders.models import OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """Return 204 once the order is deleted."""
    key = request.key(OrderKey)
    orders().delete(request.caller, key.customer, key.id, responses.revisions(request.if_match))
    return Response(HTTPStatus.NO_CONTENT)
