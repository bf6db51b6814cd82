"""`POST /authenticate`: a user name and a password, or a refresh token, for tokens."""

from lambdas.http import Request, Response, endpoint
from lambdas.identity.models import Credentials
from lambdas.services import make_ahead, sign_in

make_ahead(sign_in)


@endpoint
def handler(request: Request) -> Response:
    """The tokens; the access token also in a header, where the first version's clients look for it."""
    tokens = sign_in()(request.body(Credentials))
    return Response(body=tokens, headers={"Authorization": tokens.token})
