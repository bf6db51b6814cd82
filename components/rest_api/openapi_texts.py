"""Descriptions of problems, headers, parameters and tags."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.cafe.models import MenuKey
from lambdas.identity.models import DisplayKey
from lambdas.invoices.models import InvoiceKey, PaymentKey
from lambdas.orders.models import OrderKey
from lambdas.photos.models import PhotoKey
from lambdas.runtime.http import MAX_BODY_BYTES
from lambdas.runtime.paging import Paged

from . import openapi_invoices, openapi_orders, openapi_photos

DESCRIPTION = f"""Orders, photos and invoices of a café.

`POST /authenticate` returns a token, and `POST /guests` one for a guest without an account. Send it in `Authorization`,
with or without `Bearer `, in all other requests except those to `/pay/{{token}}` and `GET` on `/menu` and `/cafe`.
Customers and guests can see and change their own orders, staff everyone's.

Every error response is a problem document (RFC 9457); `errors` names the invalid fields.
An unsupported method on a known path returns 405, and `Allow` lists the supported methods; an unknown path returns 404.
A body can have up to {MAX_BODY_BYTES:,} bytes, or more if it contains a photo. Requests are
allowed from any origin: every path answers `OPTIONS`.
"""

PROBLEMS = {
    HTTPStatus.BAD_REQUEST: ("Bad Request", "A part of the request is missing or invalid."),
    HTTPStatus.UNAUTHORIZED: ("Unauthorized", "The request needs a valid token in the header `Authorization`."),
    HTTPStatus.FORBIDDEN: ("Forbidden", "This token does not allow that."),
    HTTPStatus.NOT_FOUND: ("Not Found", "The resource does not exist, or you have no access to it."),
    HTTPStatus.CONFLICT: ("Conflict", "The current state does not allow this request."),
    HTTPStatus.PRECONDITION_FAILED: ("Precondition Failed", "The resource does not match `If-Match`."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("Content Too Large", "The body is too large."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("Unsupported Media Type", "The media type of the body is not supported."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too Many Requests", "Too many requests. Try again in a moment."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Internal Server Error", "Something went wrong on our side."),
}
"""The title and meaning of each problem. The last one covers all 5xx statuses.

The titles are literals because Python's differ between versions, and the document must not."""

PROBLEM_HEADERS = {HTTPStatus.TOO_MANY_REQUESTS: ["Retry-After"]}

HEADERS = {
    "ETag": "Identifies the state of the resource, for `If-Match` and `If-None-Match`.",
    "Link": 'The next page, as `<...>; rel="next"` (RFC 8288). The last page has none.',
    "Location": "The path of the created resource.",
    "Retry-After": "Seconds to wait before a retry.",
}
OPTIONAL_HEADERS = {"Link"}

QUERY = {
    "limit": "The maximum number of entries in a page.",
    "status": "Returns only entries with this status.",
    "customer": "Returns only this customer's orders. Customers can name only themselves.",
    "userid": "Returns only this user's photos. Customers can name only themselves.",
    "cursor": "Where the page starts. Take it from a `Link` header.",
}
QUERIES: dict[str, type[Paged]] = {
    **openapi_orders.QUERIES,
    **openapi_invoices.QUERIES,
    **openapi_photos.QUERIES,
}
"""Types of the query parameters of lists, by function."""

PATH_KEYS: dict[str, type[Struct]] = {
    "{customer}": OrderKey,
    "{name}": MenuKey,
    "/invoices/{id}": InvoiceKey,
    "{token}": PaymentKey,
    "/photos/{id}": PhotoKey,
    "/displays/{id}": DisplayKey,
}
"""Types of the path parameters, by a part of the path."""

TAGS = {
    "authenticate": "sign-in",
    "guests": "sign-in",
    "displays": "displays",
    "display": "displays",
    "menu": "menu",
    "cafe": "menu",
    "orders": "orders",
    "invoices": "invoices",
    "pay": "invoices",
    "photos": "photos",
    "form": "photos",
}
"""Tags by the first segment of a path."""

TAG_DESCRIPTIONS = {
    "sign-in": "Exchange a user name and password for tokens, or begin a session without an account.",
    "menu": "What can be ordered, and when.",
    "orders": "Place, track and change orders.",
    "displays": "Screens in the room that show the numbers of orders.",
    "photos": "Photos of orders.",
    "invoices": "Invoices, their ledger, and payment by link.",
}

CONDITIONS = {
    "If-Match": "Changes the resource only if it still has this `ETag`; otherwise returns 412.",
    "If-None-Match": "Returns the content only if it no longer has this `ETag`; otherwise returns 304.",
    openapi_invoices.IDEMPOTENCY_KEY: "Any text. The API detects repeated payments by the invoice, not by this key.",
}
