"""`GET /orders/{customer}/{id}`: one order."""

from http import HTTPStatus

from lambdas.orders import responses
from lambdas.orders.models import OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """Return the order, or 304 if the client has the current revision."""
    key = request.key(OrderKey)
    order = orders().get(request.caller, key.customer, key.id)
    if request.has_seen(order.revision):
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": responses.etag(order)})
    return responses.one(order)
