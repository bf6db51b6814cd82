"""`POST /invoices/{id}/send`: send an invoice to its payer."""

from lambdas.invoices.models import InvoiceKey
from lambdas.invoices.services import sending
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.metrics import Metric, count_by_kind
from lambdas.runtime.preload import preload

preload(sending)


@endpoint
def handler(request: Request) -> Response:
    """Return the invoice and whether an email was sent. If not, the response includes the payment link."""
    sent = sending().send(request.caller, request.key(InvoiceKey).id)
    logger.info("sent", extra={"invoice": sent.invoice.id, "not_mailed": sent.problem})
    if sent.is_failure:
        count_by_kind(Metric.FAILURES, "NotMailed")
        logger.error("not mailed", extra={"invoice": sent.invoice.id, "reason": sent.problem})
    return Response(body=sent.public())
