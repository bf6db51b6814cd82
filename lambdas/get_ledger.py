"""`GET /invoices/{id}/ledger`: what became of an invoice."""

from lambdas import paging
from lambdas.http import Request, Response, endpoint
from lambdas.invoices.paging import LedgerQuery
from lambdas.invoices.requests import invoice_id
from lambdas.services import invoices, make_ahead

make_ahead(invoices)


@endpoint
def handler(request: Request) -> Response:
    """A page of the invoice's entries, oldest first."""
    query = paging.parse(request.query(), LedgerQuery)
    after = int(query.position() or 0)
    entries = invoices().entries(request.caller, invoice_id(request), query.limit + 1, after)
    page = entries[: query.limit]
    headers = {"Link": paging.next_link(query, str(page[-1].sequence))} if len(entries) > len(page) else {}
    return Response(body=page, headers=headers)
