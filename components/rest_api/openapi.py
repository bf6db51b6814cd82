"""The published description of the API, an OpenAPI 3.1 document.

Paths, parameters and bodies are those of the route table and of the types that the functions parse with, so they
cannot say anything else. What only a person can say stands here: the texts, and how each request may be answered.

`python -m components.rest_api.openapi [FILE]` writes it.
"""

import inspect
import json
import sys
from http import HTTPStatus
from pathlib import Path

import aws_lambda_powertools
import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from lambdas.api.bodies import BODIES
from lambdas.api.routes import ROUTES, Route
from lambdas.identity.models import Credentials, Tokens
from lambdas.invoices.models import InvoiceKey, PaymentKey
from lambdas.orders.keys import OrdersQuery
from lambdas.orders.models import HIDDEN, Item, Move, NewOrder, Order, OrderKey, Replacement, Status
from lambdas.photos.models import PhotoKey
from lambdas.runtime.caller import DELETE_SCOPE
from lambdas.runtime.forms import OneOfForms
from lambdas.runtime.http import MAX_BODY_BYTES
from lambdas.runtime.paging import Paged

from . import openapi_invoices, openapi_photos
from .openapi_parts import Answer, Json, Operation, json_of, ref

REPOSITORY = "https://github.com/owner/cafe"

VERSION = "1.0.0"
"""Of the contract: it grows within a major version, and nothing that a client relies on goes."""

VIEWER_FILES = {
    f"viewer/{name}": Path(aws_lambda_powertools.__path__[0], "event_handler", "openapi", "swagger_ui", name)
    for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css")
}
"""Swagger UI, by where `api.html` looks for it: Powertools, which the lock file pins, carries a copy."""

DESCRIPTION = f"""Orders of a café, and the sign-in to them.

`POST /authenticate` gives a token, and every other request sends it in `Authorization`, with or without `Bearer `.
Customers see and change their own orders, staff everyone's.

What is refused is answered with a problem document (RFC 9457), whoever refuses it; `errors` names the wrong fields.
A known path asked with another method is a 405, whose `Allow` names the methods that it has; an unknown path is a 404.
A body may have {MAX_BODY_BYTES:,} bytes, and more where a photo is in it. Any origin may
call: `OPTIONS` is answered on every path.
"""


class FieldProblem(Struct):
    """What is wrong with one field."""

    field: str
    problem: str


class Problem(Struct, kw_only=True):
    """Why a request was not carried out (RFC 9457). `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | UnsetType = UNSET


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
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    Credentials: {"username": "ann@example.com", "password": "correct horse battery staple"},
    NewOrder: {"items": [{"name": "Cappuccino", "qty": 1, "type": "coffee"}]},
    Replacement: {"items": [{"name": "Cappuccino", "qty": 2, "type": "coffee"}]},
    Move: {"status": "cancelled"},
    **openapi_invoices.EXAMPLE_BODIES,
    **openapi_photos.EXAMPLE_BODIES,
}

PROBLEMS = {
    HTTPStatus.BAD_REQUEST: ("Bad Request", "A part of the request is missing or wrong."),
    HTTPStatus.UNAUTHORIZED: ("Unauthorized", "The request needs a valid token in the header `Authorization`."),
    HTTPStatus.FORBIDDEN: ("Forbidden", "This token does not allow that."),
    HTTPStatus.NOT_FOUND: ("Not Found", "There is nothing of this name, or not for you."),
    HTTPStatus.CONFLICT: ("Conflict", "The state that it is in does not allow that."),
    HTTPStatus.PRECONDITION_FAILED: ("Precondition Failed", "The order is not as `If-Match` expects it to be."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("Content Too Large", "The body is too large."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("Unsupported Media Type", "The body is of no kind that is taken here."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too Many Requests", "There are too many requests. Try again in a moment."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Internal Server Error", "Something went wrong on our side."),
}
"""The title of each problem, and what it means. The last stands for all statuses that begin with 5.

The titles are written out, as they differ between versions of Python and the document must not."""

PROBLEM_HEADERS = {HTTPStatus.TOO_MANY_REQUESTS: ["Retry-After"]}

HEADERS = {
    "Authorization": "The access token, for clients that look for it here.",
    "ETag": "Names this state of what is answered; it goes into `If-Match` and `If-None-Match`.",
    "Link": 'The next page, as `<...>; rel="next"` (RFC 8288). The last page has none.',
    "Location": "The path of what was made.",
    "Retry-After": "Seconds to wait.",
}
OPTIONAL_HEADERS = {"Link"}

QUERY = {
    "limit": "How many of them a page holds.",
    "status": "Only those in this status.",
    "customer": "Only this customer's orders. A customer may name only themselves.",
    "userid": "Only this user's photos. Users may name only themselves.",
    "cursor": "Where the page begins. It comes from a `Link`, and is not made by hand.",
}
QUERIES: dict[str, type[Paged]] = {
    "get_orders": OrdersQuery,
    **openapi_invoices.QUERIES,
    **openapi_photos.QUERIES,
}
"""What the query of a list may say, by the function that answers."""

PATH_KEYS: dict[str, type[Struct]] = {
    "{customer}": OrderKey,
    "/invoices/{id}": InvoiceKey,
    "{token}": PaymentKey,
    "/photos/{id}": PhotoKey,
}
"""What the parameters of a path look like, by what is in it."""

TAGS = {
    "authenticate": "sign-in",
    "orders": "orders",
    "invoices": "invoices",
    "pay": "invoices",
    "photos": "photos",
    "form": "photos",
}
"""By the first segment of a path, what its operations are about."""

TAG_DESCRIPTIONS = {
    "sign-in": "Tokens for a user name and a password.",
    "orders": "Placing, following and changing orders.",
    "photos": "Photos of orders.",
    "invoices": "Invoices, their ledger, and paying them by a link.",
}

CONDITIONS = {
    "If-Match": "Do it only if the order is still in the state with this `ETag`; otherwise it is a 412.",
    "If-None-Match": "Send it only if it is no longer in the state with this `ETag`; otherwise it is a 304.",
    openapi_invoices.IDEMPOTENCY_KEY: "Any text. The invoice itself is what tells a payment sent again from another.",
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
    **openapi_invoices.OPERATIONS,
    **openapi_photos.OPERATIONS,
}
"""By method and path. `HEAD` is described by the `GET` of its path."""


def document() -> Json:
    """The description."""
    paths: dict[str, Json] = {}
    for route in ROUTES:
        item = paths.setdefault(route.path, _path(route.path))
        item[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            # ASCII: generators make names of it.
            "title": "Cafe API",
            "version": VERSION,
            "contact": {"name": "The cafe's repository", "url": REPOSITORY},
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        # The site that publishes this has the API on its own origin; `api.html` puts the stack's own stage here.
        "servers": [{"url": "/dev"}],
        "tags": [{"name": name, "description": text} for name, text in TAG_DESCRIPTIONS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "headers": {name: _header(name) for name in HEADERS},
            "responses": {_key(status): _problem(status) for status in PROBLEMS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def text() -> str:
    """The description as it is published."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _path(path: str) -> Json:
    """What all operations of a path have in common."""
    keys = [key for part, key in PATH_KEYS.items() if part in path]
    parameters = _parameters(keys[0], "path", {}) if keys else []
    return {"parameters": parameters} if parameters else {}


def _operation(route: Route) -> Json:
    is_head = route.method == "HEAD"
    said = OPERATIONS["GET" if is_head else route.method, route.path]
    operation: Json = {
        "operationId": f"{said.id}Headers" if is_head else said.id,
        "summary": f"{said.summary}: the headers" if is_head else said.summary,
        "description": said.description,
        "tags": [TAGS[route.path.split("/")[1]]],
        "responses": _responses(route, said),
    }
    if parameters := _own_parameters(route, said):
        operation["parameters"] = parameters
    if body := BODIES.get((route.method, route.path)):
        content = {"schema": ref(body.__name__), "example": EXAMPLE_BODIES[body]}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["security"] = [] if route.access == "anyone" else [{"token": []}]
    return operation


def _own_parameters(route: Route, said: Operation) -> list[Json]:
    query = _parameters(QUERIES[route.function], "query", QUERY) if route.function and route.function in QUERIES else []
    if said.condition is None:
        return query
    condition = {"name": said.condition, "in": "header", "description": CONDITIONS[said.condition]}
    return [*query, {**condition, "schema": {"type": "string"}}]


def _responses(route: Route, said: Operation) -> Json:
    """Every answer that the route may give, by status."""
    responses: Json = {str(int(answer.status)): _answer(answer) for answer in said.answers}
    for status in _problems(route, said):
        code = "5XX" if status is HTTPStatus.INTERNAL_SERVER_ERROR else str(int(status))
        shared = {"$ref": f"#/components/responses/{_key(status)}"}
        responses[code] = shared if route.method != "HEAD" else _problem(status)
    if route.method == "HEAD":
        for response in responses.values():
            response.pop("content", None)
    return responses


def _problems(route: Route, said: Operation) -> set[HTTPStatus]:
    """Those that follow from the row, and those that are said of it."""
    problems = {*said.problems, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR}
    if route.access != "anyone":
        problems.add(HTTPStatus.UNAUTHORIZED)
    if (route.method, route.path) in BODIES:
        problems |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    if "{" in route.path:
        problems.add(HTTPStatus.NOT_FOUND)
    if "{" in route.path and route.access != "anyone":
        # Somebody else's, or a segment that fits no pattern of the authorizer's policy: one with a new line in it.
        problems.add(HTTPStatus.FORBIDDEN)
    if said.condition == "If-Match":
        problems.add(HTTPStatus.PRECONDITION_FAILED)
    return problems


def _key(status: HTTPStatus) -> str:
    """A problem's name among the shared responses: `NotFound`."""
    return PROBLEMS[status][0].replace(" ", "")


def _answer(answer: Answer) -> Json:
    response: Json = {"description": answer.description}
    if answer.content:
        response["content"] = answer.content
    if answer.headers:
        response["headers"] = _headers(answer.headers)
    return response


def _problem(status: HTTPStatus) -> Json:
    title, detail = PROBLEMS[status]
    example = {"type": "about:blank", "title": title, "status": int(status), "detail": detail}
    content = {"application/problem+json": {"schema": ref("Problem"), "example": example}}
    response: Json = {"description": detail, "content": content}
    if status in PROBLEM_HEADERS:
        response["headers"] = _headers(PROBLEM_HEADERS[status])
    return response


def _headers(names: "tuple[str, ...] | list[str]") -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(name: str) -> Json:
    required = name not in OPTIONAL_HEADERS
    kind = "integer" if name == "Retry-After" else "string"
    return {"description": HEADERS[name], "required": required, "schema": {"type": kind}}


def _parameters(type: type[Struct], where: str, texts: dict[str, str]) -> list[Json]:
    """The fields of a type as parameters."""
    _, schemas = _components([type])
    properties = schemas[type.__name__]["properties"]
    parameters: list[Json] = []
    for name, schema in properties.items():
        parameter: Json = {"name": name, "in": where, "schema": schema}
        if name in texts:
            parameter["description"] = texts[name]
        if where == "path":
            parameter["required"] = True
        parameters.append(parameter)
    return parameters


def _components(types: list[type[Struct]]) -> tuple[tuple[Json, ...], dict[str, Json]]:
    return msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")


def _schemas() -> dict[str, Json]:
    bodies = set(BODIES.values())
    answers: list[type[Struct]] = [
        Order,
        Tokens,
        Problem,
        Challenge,
        Queued,
        *openapi_invoices.ANSWERS,
        *openapi_photos.ANSWERS,
    ]
    _, schemas = _components([*bodies, *answers])
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
    for answer in answers:
        schemas[answer.__name__]["required"] = _always_there(answer)
    for body in bodies:
        if issubclass(body, OneOfForms):
            schemas[body.__name__] = _one_of_forms(body, schemas[body.__name__])
    for hidden in HIDDEN:
        del schemas["Order"]["properties"][hidden]
        schemas["Order"]["required"].remove(hidden)
    schemas["Order"]["example"] = EXAMPLE_ORDER.public()
    return schemas


def _always_there(answer: type[Struct]) -> list[str]:
    """The fields that every such answer has: those with a default have it written out, unless it is to have none."""
    return [field.encode_name for field in structs.fields(answer) if field.default is not UNSET]


def _one_of_forms(body: type[OneOfForms], schema: Json) -> Json:
    """Each form as an object of its own, without the fields of the others, which reads better than what says the same
    to the gateway: that they must not be there."""
    in_forms = frozenset().union(*body.FORMS)
    forms = [
        {
            # No other schema's title: generators name a class after it.
            "title": f"{schema['title']} with {' and '.join(sorted(form))}",
            "type": "object",
            "properties": {
                name: part for name, part in schema["properties"].items() if name in form or name not in in_forms
            },
            "required": sorted(form),
            "additionalProperties": False,
        }
        for form in body.FORMS
    ]
    return {"title": schema["title"], "description": schema["description"], "oneOf": forms}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
