"""`GET /invoices`: the caller's invoices, or everyone's for staff, newest first."""

from msgspec import UNSET

from lambdas.invoices.keys import InvoicesQuery
from lambdas.invoices.services import invoices
from lambdas.runtime import paging
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(invoices)


@endpoint
def handler(request: Request) -> Response:
    """Return a page of invoices, with a `Link` header if there are more."""
    query = paging.parse(request.query(), InvoicesQuery)
    status = None if query.status is UNSET else query.status
    page = invoices().page(request.caller, status, query.limit, query.position())
    headers = {} if page.next is None else {"Link": paging.next_link(query, page.next)}
    return Response(body=[invoice.public() for invoice in page.items], headers=headers)
