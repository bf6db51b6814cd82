"""`GET /orders`: the caller's orders, or everyone's for staff, newest first."""

from http import HTTPStatus

from msgspec import UNSET

from lambdas.orders import html, responses
from lambdas.orders.keys import OrdersQuery
from lambdas.orders.services import orders
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.negotiation import prefers_html
from lambdas.runtime.paging import next_link, parse
from lambdas.runtime.preload import preload

preload(orders)


@endpoint
def handler(request: Request) -> Response:
    """Return a page of orders as JSON, or as an HTML fragment on request; or 304 if the client has the current page."""
    query = parse(request.query(), OrdersQuery)
    page = orders().page(
        request.caller,
        customer=None if query.customer is UNSET else query.customer,
        status=None if query.status is UNSET else query.status,
        limit=query.limit,
        after=query.position(),
    )
    wants_html = _wants_html(request)
    # The orders do not show whether there is a next page.
    revision = responses.list_revision(page.items, f"{wants_html} {page.next is not None}")
    headers = {"Vary": "Accept, Content-Type", "ETag": f'"{revision}"'}
    if page.next is not None:
        headers["Link"] = next_link(query, page.next)
    if request.has_seen(revision):
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    if wants_html:
        return Response(
            body=html.render_orders(page.items), headers={**headers, "Content-Type": "text/html; charset=utf-8"}
        )
    return Response(body=[order.public() for order in page.items], headers=headers)


def _wants_html(request: Request) -> bool:
    """Whether the client asks for HTML. Older clients ask in `Content-Type`."""
    sent = request.header("Content-Type").partition(";")[0].strip().lower()
    return sent == "text/html" or prefers_html(request.header("Accept"))
