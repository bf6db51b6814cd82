"""`POST /guests`: a session without an account, or a new one for the guest of a token."""

import os
from http import HTTPStatus

from msgspec import UNSET

from lambdas.identity.guest_services import guest_sessions, session_limit
from lambdas.identity.guests import new_guest
from lambdas.identity.models import GuestRequest
from lambdas.runtime.errors import Refusal
from lambdas.runtime.http import Request, Response, endpoint
from lambdas.runtime.preload import preload

preload(guest_sessions, session_limit)


@endpoint
def handler(request: Request) -> Response:
    """Return the session. New guests count towards the limit of their address, and renewals towards the guest's own."""
    service = guest_sessions()
    if service is None:
        raise Refusal("missing", "This café takes no orders from guests. Sign in to order.")
    token = request.body(GuestRequest).token
    if token is not UNSET:
        customer = service.renewable(token)
        session_limit().count(customer)
        return Response(HTTPStatus.CREATED, service.session(customer))
    session_limit().count(request.client_address(os.environ["ORIGIN_KEY_SHA256"]))
    return Response(HTTPStatus.CREATED, service.session(new_guest()))
