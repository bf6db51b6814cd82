"""`POST /invoices/{id}/send`: ask the payer for the money."""

from lambdas.http import Request, Response, endpoint, logger
from lambdas.invoices.requests import invoice_id
from lambdas.services import make_ahead, sending

make_ahead(sending)


@endpoint
def handler(request: Request) -> Response:
    """The invoice, and whether the payer got a mail; if not, the link is in the answer."""
    sent = sending().send(request.caller, invoice_id(request))
    logger.info("sent", extra={"invoice": sent.invoice.id, "not_mailed": sent.problem})
    return Response(body=sent.public())
