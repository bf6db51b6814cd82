"""`PATCH /invoices/{id}`: change a draft."""

from lambdas.invoices.models import InvoiceChanges, InvoiceKey
from lambdas.invoices.services import invoices
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(invoices)


@endpoint
def handler(request: Request) -> Response:
    """Return the draft with its new content."""
    key, changes = request.key(InvoiceKey).id, request.body(InvoiceChanges)
    return Response(body=invoices().update(request.caller, key, changes).public())
