"""`GET /invoices/{id}/ledger`: the history of an invoice."""

from lambdas.invoices.keys import LedgerQuery
from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import invoices
from lambdas.runtime import paging
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(invoices)


@endpoint
def handler(request: Request) -> Response:
    """Return a page of the invoice's ledger entries, oldest first."""
    query = paging.parse(request.query(), LedgerQuery)
    after = int(query.position() or 0)
    entries = invoices().entries(request.caller, request.key(InvoiceKey).id, query.limit + 1, after)
    page = entries[: query.limit]
    headers = {"Link": paging.next_link(query, str(page[-1].sequence))} if len(entries) > len(page) else {}
    return Response(body=page, headers=headers)
