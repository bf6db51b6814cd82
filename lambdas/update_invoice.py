"""`PATCH /invoices/{id}`: change a draft."""

from lambdas.http import Request, Response, endpoint
from lambdas.invoices.models import InvoiceChanges
from lambdas.invoices.requests import invoice_id
from lambdas.services import invoices, make_ahead

make_ahead(invoices)


@endpoint
def handler(request: Request) -> Response:
    """The draft with its new content."""
    key, changes = invoice_id(request), request.body(InvoiceChanges)
    return Response(body=invoices().update(request.caller, key, changes).public())
