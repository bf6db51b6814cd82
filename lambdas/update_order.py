"""`PATCH /orders/{customer}/{id}`: move an order along, or cancel it."""

from lambdas.http import Request, Response, endpoint
from lambdas.orders import answers
from lambdas.orders.models import Move
from lambdas.services import make_ahead, orders

make_ahead(orders)


@endpoint
def handler(request: Request) -> Response:
    """The order after the move."""
    key, move = request.order_key(), request.body(Move)
    return answers.one(orders().move(request.caller, *key, move, request.if_match))
