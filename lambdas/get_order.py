"""`GET /orders/{customer}/{id}`: one order."""

from http import HTTPStatus

from lambdas.cafe.services import waiting
from lambdas.orders import responses
from lambdas.orders.models import OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders, waiting)


@endpoint
def handler(request: Request) -> Response:
    """Return the order, with its waiting time while it is being made, or 304 if the client has the current state."""
    key = request.key(OrderKey)
    order = orders().get(request.caller, key.customer, key.id)
    response = responses.waiting(order, waiting().of(order)) if responses.is_waiting(order) else responses.one(order)
    if request.has_seen(response.headers["ETag"].strip('"')):
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": response.headers["ETag"]})
    return response
