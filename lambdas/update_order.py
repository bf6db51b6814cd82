"""`PATCH /orders/{customer}/{id}`: change an order's status, for example to cancel it."""

from lambdas.orders import responses
from lambdas.orders.models import Move, OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """Return the order with its new status."""
    key, move = request.key(OrderKey), request.body(Move)
    return responses.one(
        orders().move(request.caller, key.customer, key.id, move, responses.revisions(request.if_match))
    )
