"""`GET /orders/{customer}/{id}`: one order."""

from lambdas.http import Request, Response, endpoint
from lambdas.services import orders


@endpoint
def handler(request: Request) -> Response:
    """The order."""
    return Response(body=orders().get(request.caller, *request.order_key()))
