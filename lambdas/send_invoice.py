"""`POST /invoices/{id}/send`: ask the payer for the money."""

from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import sending
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(sending)


@endpoint
def handler(request: Request) -> Response:
    """The invoice, and whether the payer got a mail; if not, the link is in the answer."""
    sent = sending().send(request.caller, request.key(InvoiceKey).id)
    logger.info("sent", extra={"invoice": sent.invoice.id, "not_mailed": sent.problem})
    return Response(body=sent.public())
