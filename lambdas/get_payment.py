"""`GET /pay/{token}`: what the payer's link shows."""

from lambdas.http import Request, Response, endpoint
from lambdas.invoices.requests import token
from lambdas.services import paying


@endpoint
def handler(request: Request) -> Response:
    """The invoice, as far as it concerns the payer."""
    return Response(body=paying().look(token(request)).page())
