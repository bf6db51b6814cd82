"""`GET /invoices/{id}`: one invoice."""

from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import invoices
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(invoices)


@endpoint
def handler(request: Request) -> Response:
    """Return the invoice as the payee sees it."""
    return Response(body=invoices().get(request.caller, request.key(InvoiceKey).id).public())
