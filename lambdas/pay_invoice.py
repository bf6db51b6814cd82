"""`POST /pay/{token}`: pay an invoice."""

from lambdas.invoices.models import Payment, PaymentKey
from lambdas.invoices.services import paying
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(paying)


@endpoint
def handler(request: Request) -> Response:
    """Return the paid invoice. A repeated request, with any `Idempotency-Key` or none, pays nothing more: the invoice
    itself is the idempotency key."""
    link, payment = request.key(PaymentKey).token, request.body(Payment)
    invoice = paying().pay(link, payment.method)
    logger.info("paid", extra={"invoice": invoice.id})
    return Response(body=invoice.page())
