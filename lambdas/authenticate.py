"""`POST /authenticate`: exchange a user name and password, or a refresh token, for tokens."""

from lambdas.identity.models import Credentials
from lambdas.identity.services import sign_in
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(sign_in)


@endpoint
def handler(request: Request) -> Response:
    """Return the tokens, in the body only: API Gateway renames a response header `Authorization`."""
    return Response(body=sign_in()(request.body(Credentials)))
