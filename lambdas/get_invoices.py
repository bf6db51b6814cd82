"""`GET /invoices`: the caller's invoices, or for staff everyone's, newest first."""

from msgspec import UNSET

from lambdas import paging
from lambdas.http import Request, Response, endpoint
from lambdas.invoices.paging import InvoiceQuery
from lambdas.services import invoices, make_ahead

make_ahead(invoices)


@endpoint
def handler(request: Request) -> Response:
    """A page of invoices."""
    query = paging.parse(request.query(), InvoiceQuery)
    status = None if query.status is UNSET else query.status
    page = invoices().page(request.caller, status, query.limit, query.position())
    headers = {} if page.next is None else {"Link": paging.next_link(query, page.next)}
    return Response(body=[invoice.public() for invoice in page.invoices], headers=headers)
