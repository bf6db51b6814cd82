"""`GET /pay/{token}`: the invoice behind a payment link."""

from http import HTTPStatus

from lambdas.invoices.models import PaymentKey
from lambdas.invoices.services import pay_page, paying
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.negotiation import prefers_html
from lambdas.runtime.preload import preload

preload(paying)


@endpoint
def handler(request: Request) -> Response:
    """Return the invoice as the payer sees it. Redirect a browser, which follows the link in the email, to the site's
    payment page: after the `#`, the token appears in no log and no `Referer`."""
    link = request.key(PaymentKey).token
    if prefers_html(request.header("Accept")):
        return Response(HTTPStatus.SEE_OTHER, "", {"Location": f"{pay_page()}#{link}", "Vary": "Accept"})
    return Response(body=paying().get(link).page(), headers={"Vary": "Accept"})
