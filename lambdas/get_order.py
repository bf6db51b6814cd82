"""`GET /orders/{customer}/{id}`: one order."""

from http import HTTPStatus

from lambdas.http import Request, Response, endpoint
from lambdas.orders import answers
from lambdas.services import make_ahead, orders

make_ahead(orders)


@endpoint
def handler(request: Request) -> Response:
    """The order; or 304 for those who have it as it is."""
    order = orders().get(request.caller, *request.order_key())
    if request.has_seen(order.revision):
        return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": answers.etag(order)})
    return answers.one(order)
