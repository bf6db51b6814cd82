"""`POST /orders`: place an order; repeating the request has no effect."""

from http import HTTPStatus
from urllib.parse import quote

from lambdas.orders import responses
from lambdas.orders.models import NewOrder
from lambdas.orders.services import priced_orders
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.metrics import Metric, count
from lambdas.runtime.preload import preload

preload(priced_orders)


@endpoint
def handler(request: Request) -> Response:
    """Return 201 and the new order, or 200 and the stored order if it was placed before."""
    order, is_new = priced_orders().create(request.caller, request.body(NewOrder))
    if is_new:
        logger.info("created", extra={"order": order.id})
        count(Metric.ORDERS_CREATED)
    location = f"/{request.stage}/orders/{quote(order.customer, safe='')}/{order.id}"
    return responses.one(order, HTTPStatus.CREATED if is_new else HTTPStatus.OK, Location=location)
