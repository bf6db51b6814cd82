"""`POST /pay/{token}`: the payer pays."""

from lambdas.http import Request, Response, endpoint, logger
from lambdas.invoices.models import Payment
from lambdas.invoices.requests import token
from lambdas.services import make_ahead, paying

make_ahead(paying)


@endpoint
def handler(request: Request) -> Response:
    """The paid invoice. Sent again, also with another `Idempotency-Key` or none, it is paid once: the invoice itself is
    the key."""
    link, payment = token(request), request.body(Payment)
    invoice = paying().pay(link, payment.method)
    logger.info("paid", extra={"invoice": invoice.id})
    return Response(body=invoice.page())
