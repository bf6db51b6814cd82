"""`DELETE /invoices/{id}`: delete a draft, or withdraw a sent invoice."""

from http import HTTPStatus

from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import withdrawing
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(withdrawing)


@endpoint
def handler(request: Request) -> Response:
    """Return 204 for a deleted draft, or 200 and the void invoice."""
    key = request.key(InvoiceKey).id
    invoice = withdrawing().withdraw(request.caller, key)
    logger.info("deleted" if invoice is None else "void", extra={"invoice": key})
    return Response(HTTPStatus.NO_CONTENT) if invoice is None else Response(body=invoice.public())
