"""`GET /invoices/{id}`: one invoice."""

from lambdas.http import Request, Response, endpoint
from lambdas.invoices.requests import invoice_id
from lambdas.services import invoices, make_ahead

make_ahead(invoices)


@endpoint
def handler(request: Request) -> Response:
    """The invoice."""
    return Response(body=invoices().get(request.caller, invoice_id(request)).public())
