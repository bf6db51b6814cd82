"""`PUT /orders/{customer}/{id}`: change what is ordered."""

from lambdas.http import Request, Response, endpoint
from lambdas.orders.models import Replacement
from lambdas.services import orders


@endpoint
def handler(request: Request) -> Response:
    """The order with its new content."""
    return Response(body=orders().replace(request.caller, *request.order_key(), request.body(Replacement)))
