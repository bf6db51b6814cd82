"""What the published description says of signing in and of orders."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.identity.models import Credentials, Tokens
from lambdas.orders.keys import OrdersQuery
from lambdas.orders.models import Item, Move, NewOrder, Order, Replacement, Status
from lambdas.runtime.caller import DELETE_SCOPE
from lambdas.runtime.paging import Paged

from .openapi_parts import Answer, Json, Operation, Problem, json_of, ref


class Challenge(Problem, kw_only=True):
    """Signing in takes another step: Cognito's name for it, and the `session` to go on with."""

    challenge: str
    session: str


class SendMessageResult(Struct, rename="pascal"):
    """The message in the queue. The order gets its id."""

    message_id: str


class SendMessageResponse(Struct, rename="pascal"):
    """SQS's answer."""

    send_message_result: SendMessageResult


class Queued(Struct, rename="pascal"):
    """The order is in the queue."""

    send_message_response: SendMessageResponse


EXAMPLE_ORDER = Order(
    id="018f0c6a2b3c-5d1f0a9b8c7e6d5f4a3b",
    customer="9f0c4d2e-7a11-4c55-b1a3-6f2d8e90c1ab",
    status=Status.ACCEPTED,
    items=[Item(name="Cappuccino", qty=1, type="coffee")],
    created_at=1_767_225_600_000,
    updated_at=1_767_225_601_200,
    expire_on=1_798_761_600,
)
ANSWERS: tuple[type[Struct], ...] = (Order, Tokens, Challenge, Queued)
QUERIES: dict[str, type[Paged]] = {"get_orders": OrdersQuery}
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    Credentials: {"username": "ann@example.com", "password": "correct horse battery staple"},
    NewOrder: {"items": [{"name": "Cappuccino", "qty": 1, "type": "coffee"}]},
    Replacement: {"items": [{"name": "Cappuccino", "qty": 2, "type": "coffee"}]},
    Move: {"status": "cancelled"},
}

ONE_ORDER = json_of(ref("Order"))
LIST_OF_ORDERS = {
    **json_of({"type": "array", "items": ref("Order")}),
    "text/html": {"schema": {"type": "string", "description": "A `caffe-order-history-item` element for each order."}},
}
CHALLENGE = {"application/problem+json": {"schema": ref("Challenge")}}

ONE = "/orders/{customer}/{id}"
OPERATIONS = {
    ("POST", "/authenticate"): Operation(
        "authenticate",
        "Sign in",
        "Exchanges a user name and a password for tokens. A refresh token gives new ones, and the `session` of a "
        "challenge goes on with a new password or with a code.",
        (
            Answer(HTTPStatus.OK, "The tokens.", json_of(ref("Tokens")), ("Authorization",)),
            Answer(HTTPStatus.CONFLICT, "Signing in takes another step.", CHALLENGE),
        ),
        (HTTPStatus.UNAUTHORIZED,),
    ),
    ("GET", "/orders"): Operation(
        "listOrders",
        "List orders",
        "One's own orders, and for staff everyone's, newest first. Those who ask for `text/html` get a fragment of a "
        "page.",
        (
            Answer(HTTPStatus.OK, "A page of orders.", LIST_OF_ORDERS, ("ETag", "Link")),
            Answer(HTTPStatus.NOT_MODIFIED, "The page is as `If-None-Match` says.", headers=("ETag",)),
        ),
        (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
        condition="If-None-Match",
    ),
    ("POST", "/orders"): Operation(
        "createOrder",
        "Place an order",
        "With an `id` of the client's own it can be sent again: the same order is not placed twice. Staff may name "
        "another `customer`. `name` and `quantity` instead of `items` mean one item.",
        (
            Answer(HTTPStatus.CREATED, "The new order.", ONE_ORDER, ("ETag", "Location")),
            Answer(HTTPStatus.OK, "The order; it was placed before.", ONE_ORDER, ("ETag", "Location")),
        ),
        (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT),
    ),
    ("POST", "/orders/queued"): Operation(
        "queueOrder",
        "Place an order later",
        "Answers at once and places the order within seconds, under the message's id and in the caller's own name.",
        (Answer(HTTPStatus.ACCEPTED, "The order is in the queue.", json_of(ref("Queued"))),),
        (HTTPStatus.UNSUPPORTED_MEDIA_TYPE,),
    ),
    ("GET", ONE): Operation(
        "getOrder",
        "Get an order",
        "One order.",
        (
            Answer(HTTPStatus.OK, "The order.", ONE_ORDER, ("ETag",)),
            Answer(HTTPStatus.NOT_MODIFIED, "The order is as `If-None-Match` says.", headers=("ETag",)),
        ),
        condition="If-None-Match",
    ),
    ("PATCH", ONE): Operation(
        "moveOrder",
        "Move an order along",
        "`created`, `accepted`, `ready`, `filled`, one after the other, and from the first two to `cancelled`. A "
        "customer may only cancel.",
        (Answer(HTTPStatus.OK, "The order after the move.", ONE_ORDER, ("ETag",)),),
        (HTTPStatus.CONFLICT,),
        condition="If-Match",
    ),
    ("PUT", ONE): Operation(
        "replaceOrder",
        "Change what is ordered",
        "A customer may as long as the order is `created`, staff while it is being worked on.",
        (Answer(HTTPStatus.OK, "The order with its new content.", ONE_ORDER, ("ETag",)),),
        (HTTPStatus.CONFLICT,),
        condition="If-Match",
    ),
    ("DELETE", ONE): Operation(
        "deleteOrder",
        "Remove an order",
        f"For good. It takes a token with the scope `{DELETE_SCOPE}`.",
        (Answer(HTTPStatus.NO_CONTENT, "The order is gone."),),
        condition="If-Match",
    ),
}
"""By method and path."""
