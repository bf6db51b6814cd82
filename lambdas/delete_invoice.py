"""`DELETE /invoices/{id}`: remove a draft, or withdraw what was sent."""

from http import HTTPStatus

from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import withdrawing
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(withdrawing)


@endpoint
def handler(request: Request) -> Response:
    """204 once a draft is gone; 200 and the void invoice where there was more than a draft."""
    key = request.key(InvoiceKey).id
    invoice = withdrawing().withdraw(request.caller, key)
    logger.info("deleted" if invoice is None else "void", extra={"invoice": key})
    return Response(HTTPStatus.NO_CONTENT) if invoice is None else Response(body=invoice.public())
