"""`POST /pay/{token}`: the payer pays."""

from lambdas.invoices.models import Payment, PaymentKey
from lambdas.invoices.services import paying
from lambdas.runtime.http import Request, Response, endpoint, logger
from lambdas.runtime.preload import preload

preload(paying)


@endpoint
def handler(request: Request) -> Response:
    """The paid invoice. Sent again, also with another `Idempotency-Key` or none, it is paid once: the invoice itself is
    the key."""
    link, payment = request.key(PaymentKey).token, request.body(Payment)
    invoice = paying().pay(link, payment.method)
    logger.info("paid", extra={"invoice": invoice.id})
    return Response(body=invoice.page())
