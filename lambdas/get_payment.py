"""`GET /pay/{token}`: what the payer's link shows."""

from http import HTTPStatus

from lambdas.invoices.models import PaymentKey
from lambdas.invoices.services import pay_page, paying
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(paying)


@endpoint
def handler(request: Request) -> Response:
    """The invoice, as far as it concerns the payer. A browser, which comes by the link in the mail, is sent to the
    site's page for it: behind the `#` the token is in nobody's log, and in no `Referer`."""
    link = request.key(PaymentKey).token
    if "text/html" in request.header("Accept").lower():
        return Response(HTTPStatus.SEE_OTHER, "", {"Location": f"{pay_page()}#{link}", "Vary": "Accept"})
    return Response(body=paying().look(link).page(), headers={"Vary": "Accept"})
