"""`PATCH /orders/{customer}/{id}`: move an order along, or cancel it."""

from lambdas.http import Request, Response, endpoint
from lambdas.orders.models import Move
from lambdas.services import orders


@endpoint
def handler(request: Request) -> Response:
    """The order after the move."""
    move = request.body(Move)
    return Response(body=orders().move(request.caller, request.path("customer"), request.path("id"), move))
