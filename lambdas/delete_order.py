"""`DELETE /orders/{customer}/{id}`: remove an order for good."""

from http import HTTPStatus

from lambdas.http import Request, Response, endpoint
from lambdas.services import make_ahead, orders

make_ahead(orders)


@endpoint
def handler(request: Request) -> Response:
    """Nothing, once it is gone."""
    orders().delete(request.caller, *request.order_key(), request.if_match)
    return Response(HTTPStatus.NO_CONTENT)
