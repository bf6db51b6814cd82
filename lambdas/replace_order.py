"""`PUT /orders/{customer}/{id}`: change what is ordered."""

from lambdas.http import Request, Response, endpoint
from lambdas.orders import answers
from lambdas.orders.models import Replacement
from lambdas.services import make_ahead, orders

make_ahead(orders)


@endpoint
def handler(request: Request) -> Response:
    """The order with its new content."""
    key, body = request.order_key(), request.body(Replacement)
    return answers.one(orders().replace(request.caller, *key, body, request.if_match))
