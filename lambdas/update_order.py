"""`PATCH /orders/{customer}/{id}`: move an order along, or cancel it."""

from lambdas.orders import answers
from lambdas.orders.models import Move, OrderKey
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """The order after the move."""
    key, move = request.key(OrderKey), request.body(Move)
    return answers.one(orders().move(request.caller, key.customer, key.id, move, request.if_match))
