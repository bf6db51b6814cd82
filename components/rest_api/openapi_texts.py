"""What the published description says of problems, headers, parameters and tags."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.invoices.models import InvoiceKey, PaymentKey
from lambdas.orders.models import OrderKey
from lambdas.photos.models import PhotoKey
from lambdas.runtime.http import MAX_BODY_BYTES
from lambdas.runtime.paging import Paged

from . import openapi_invoices, openapi_orders, openapi_photos

DESCRIPTION = f"""Orders of a café, and the sign-in to them.

`POST /authenticate` gives a token, and every other request sends it in `Authorization`, with or without `Bearer `.
Customers see and change their own orders, staff everyone's.

What is refused is answered with a problem document (RFC 9457), whoever refuses it; `errors` names the wrong fields.
A known path asked with another method is a 405, whose `Allow` names the methods that it has; an unknown path is a 404.
A body may have {MAX_BODY_BYTES:,} bytes, and more where a photo is in it. Any origin may
call: `OPTIONS` is answered on every path.
"""

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
    **openapi_orders.QUERIES,
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
