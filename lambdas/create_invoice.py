"""`POST /invoices`: create a draft."""

from http import HTTPStatus

from lambdas.invoices.models import NewInvoice
from lambdas.invoices.services import invoices
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(invoices)


@endpoint
def handler(request: Request) -> Response:
    """Return 201 and the draft."""
    invoice = invoices().create(request.caller, request.body(NewInvoice))
    logger.info("drafted", extra={"invoice": invoice.id})
    location = f"/{request.stage}/invoices/{invoice.id}"
    return Response(HTTPStatus.CREATED, invoice.public(), {"Location": location})
