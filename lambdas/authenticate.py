"""`POST /authenticate`: a user name and a password, or a refresh token, for tokens."""

from lambdas.identity.models import Credentials
from lambdas.identity.services import sign_in
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(sign_in)


@endpoint
def handler(request: Request) -> Response:
    """The tokens; the access token also in a header, where the first version's clients look for it."""
    tokens = sign_in()(request.body(Credentials))
    return Response(body=tokens, headers={"Authorization": tokens.token})
