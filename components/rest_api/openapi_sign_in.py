"""Descriptions of the operations for sign-in, guests and displays."""

from http import HTTPStatus

from msgspec import Struct

from lambdas.identity.models import (
    Credentials,
    Display,
    GuestRequest,
    GuestSession,
    NewDisplay,
    RegisteredDisplay,
    Tokens,
)
from lambdas.orders.display import Shown

from .openapi_parts import Answer, Json, Operation, Problem, json_of, ref


class Challenge(Problem, kw_only=True):
    """Sign-in needs another step: `challenge` is Cognito's name of it, and `session` continues it."""

    challenge: str
    session: str


ANSWERS: tuple[type[Struct], ...] = (Tokens, Challenge, Display, RegisteredDisplay, GuestSession, Shown)
EXAMPLE_BODIES: dict[type[Struct], Json] = {
    Credentials: {"username": "ann@example.com", "password": "correct horse battery staple"},
    GuestRequest: {},
    NewDisplay: {},
}

CHALLENGE = {"application/problem+json": {"schema": ref("Challenge")}}

OPERATIONS = {
    ("POST", "/authenticate"): Operation(
        "authenticate",
        "Sign in",
        "Exchanges a user name and password for tokens. A refresh token returns new tokens. After a challenge, send "
        "its `session` with a new password or a code.",
        (
            Answer(HTTPStatus.OK, "The tokens.", json_of(ref("Tokens"))),
            Answer(HTTPStatus.CONFLICT, "Sign-in needs another step.", CHALLENGE),
        ),
        (HTTPStatus.UNAUTHORIZED,),
    ),
    ("POST", "/guests"): Operation(
        "createGuest",
        "Begin or renew a session without an account",
        "An empty body returns a token for a new guest, who can place, see and change their own orders. A guest's own "
        "`token`, valid or ended at most 24 hours ago, returns a new one for the same guest. An address can begin 30 "
        "sessions at once, then one every 10 seconds. 404: the café takes no orders from guests.",
        (Answer(HTTPStatus.CREATED, "The session.", json_of(ref("GuestSession"))),),
        (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
    ),
    ("GET", "/displays"): Operation(
        "getDisplays",
        "List the displays",
        "For staff. Returns the displays whose tokens are valid, to delete those that are no longer used.",
        (Answer(HTTPStatus.OK, "The displays.", json_of({"type": "array", "items": ref("RegisteredDisplay")})),),
        (HTTPStatus.FORBIDDEN,),
    ),
    ("POST", "/displays"): Operation(
        "createDisplay",
        "Add a display",
        "For staff. Returns the token of a screen in the room, which shows nothing but numbers. It is valid until the "
        "display is deleted, and is not returned again.",
        (Answer(HTTPStatus.CREATED, "The display and its token.", json_of(ref("Display"))),),
        (HTTPStatus.FORBIDDEN,),
    ),
    ("DELETE", "/displays/{id}"): Operation(
        "deleteDisplay",
        "Delete a display",
        "For staff. Its token is no longer valid.",
        (Answer(HTTPStatus.NO_CONTENT, "The display is deleted."),),
    ),
    ("GET", "/display"): Operation(
        "getDisplay",
        "Get the numbers on display",
        "For displays and staff. Returns the orders that are being made (`accepted`) or can be picked up (`ready`), "
        "oldest first.",
        (
            Answer(HTTPStatus.OK, "The numbers.", json_of({"type": "array", "items": ref("Shown")}), ("ETag",)),
            Answer(HTTPStatus.NOT_MODIFIED, "The numbers still match `If-None-Match`.", headers=("ETag",)),
        ),
        (HTTPStatus.FORBIDDEN,),
        condition="If-None-Match",
    ),
}
