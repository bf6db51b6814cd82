"""Descriptions of the operations for orders."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.orders.keys import OrdersQuery
from lambdas.orders.models import Item, Move, NewOrder, Order, Replacement, Status
from lambdas.runtime.caller import DELETE_SCOPE
from lambdas.runtime.paging import Paged

from .openapi_parts import Answer, Json, Operation, json_of, ref


class SendMessageResult(Struct, rename="pascal"):
    """The message in the queue. Its ID becomes the order's ID."""

    message_id: str


class SendMessageResponse(Struct, rename="pascal"):
    """The response of SQS."""

    send_message_result: SendMessageResult


class Queued(Struct, rename="pascal"):
    """The queued order."""

    send_message_response: SendMessageResponse


EXAMPLE_ORDER = Order(
    id="018f0c6a2b3c-5d1f0a9b8c7e6d5f4a3b",
    customer="9f0c4d2e-7a11-4c55-b1a3-6f2d8e90c1ab",
    status=Status.ACCEPTED,
    items=[Item(name="Cappuccino", qty=1, type="coffee", options=["Oat milk"], note="Extra hot", price=390)],
    total=390,
    currency="EUR",
    created_at=1_767_225_600_000,
    updated_at=1_767_225_601_200,
    expire_on=1_798_761_600,
)
ANSWERS: tuple[type[Struct], ...] = (Order, Queued)
QUERIES: dict[str, type[Paged]] = {"get_orders": OrdersQuery}
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    NewOrder: {"items": [{"name": "Cappuccino", "qty": 1, "options": ["Oat milk"], "note": "Extra hot"}]},
    Replacement: {"items": [{"name": "Cappuccino", "qty": 2, "type": "coffee"}]},
    Move: {"status": "cancelled"},
}

ONE_ORDER = json_of(ref("Order"))
LIST_OF_ORDERS = {
    **json_of({"type": "array", "items": ref("Order")}),
    "text/html": {"schema": {"type": "string", "description": "A `caffe-order-history-item` element for each order."}},
}

ONE = "/orders/{customer}/{id}"
OPERATIONS = {
    ("GET", "/orders"): Operation(
        "listOrders",
        "List orders",
        "Returns the caller's orders, or everyone's for staff, newest first. A request for `text/html` returns an HTML "
        "fragment.",
        (
            Answer(HTTPStatus.OK, "A page of orders.", LIST_OF_ORDERS, ("ETag", "Link")),
            Answer(HTTPStatus.NOT_MODIFIED, "The page still matches `If-None-Match`.", headers=("ETag",)),
        ),
        (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
        condition="If-None-Match",
    ),
    ("POST", "/orders"): Operation(
        "createOrder",
        "Place an order",
        "With a client-generated `id`, the request can be retried: the same order is not placed twice. Staff can name "
        "another `customer`. `name` and `quantity` instead of `items` mean one item.",
        (
            Answer(HTTPStatus.CREATED, "The new order.", ONE_ORDER, ("ETag", "Location")),
            Answer(HTTPStatus.OK, "The order, which had already been placed.", ONE_ORDER, ("ETag", "Location")),
        ),
        (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
    ),
    ("POST", "/orders/queued"): Operation(
        "queueOrder",
        "Queue an order",
        "Responds at once, and places the order within seconds for the caller, with the message's ID as its ID.",
        (Answer(HTTPStatus.ACCEPTED, "The order is in the queue.", json_of(ref("Queued"))),),
        (HTTPStatus.UNSUPPORTED_MEDIA_TYPE,),
    ),
    ("GET", ONE): Operation(
        "getOrder",
        "Get an order",
        "Returns an order.",
        (
            Answer(HTTPStatus.OK, "The order.", ONE_ORDER, ("ETag",)),
            Answer(HTTPStatus.NOT_MODIFIED, "The order still matches `If-None-Match`.", headers=("ETag",)),
        ),
        condition="If-None-Match",
    ),
    ("PATCH", ONE): Operation(
        "updateOrder",
        "Change the status of an order",
        "An order moves from `created` to `accepted`, `ready` and `filled`, or from the first two to `cancelled`. "
        "Customers can only cancel.",
        (Answer(HTTPStatus.OK, "The order with its new status.", ONE_ORDER, ("ETag",)),),
        (HTTPStatus.CONFLICT,),
        condition="If-Match",
    ),
    ("PUT", ONE): Operation(
        "replaceOrder",
        "Change the items of an order",
        "Customers can change an order while it is `created`; staff can change it until it is `filled` or `cancelled`.",
        (Answer(HTTPStatus.OK, "The changed order.", ONE_ORDER, ("ETag",)),),
        (HTTPStatus.CONFLICT,),
        condition="If-Match",
    ),
    ("DELETE", ONE): Operation(
        "deleteOrder",
        "Delete an order",
        f"Deletes an order permanently. Requires a token with the scope `{DELETE_SCOPE}`.",
        (Answer(HTTPStatus.NO_CONTENT, "The order was deleted."),),
        condition="If-Match",
    ),
}
"""Operations by method and path."""
