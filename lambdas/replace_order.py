"""`PUT /orders/{customer}/{id}`: replace the order's content."""

from lambdas.orders import responses
from lambdas.orders.models import OrderKey, Replacement
from lambdas.orders.services import priced_orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(priced_orders)


@endpoint
def handler(request: Request) -> Response:
    """Return the order with its new content."""
    key, body = request.key(OrderKey), request.body(Replacement)
    return responses.one(
        priced_orders().replace(request.caller, key.customer, key.id, body, responses.revisions(request.if_match))
    )
