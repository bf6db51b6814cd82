"""Sessions of guests, who have no account: tokens that a key of the café's own signs.

A token is a JSON Web Token with ES256 (RFC 7518, section 3.4). Its `kid` tells it apart from the user pool's tokens.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

import jwt
import msgspec
from jwt.utils import base64url_encode

from lambdas.identity.models import GuestSession
from lambdas.identity.tokens import LEEWAY_SECONDS, UNREADABLE, InvalidToken, key_id
from lambdas.runtime.caller import GUESTS, Caller
from lambdas.runtime.errors import Refusal

ISSUER = "urn:cafe:guests"
ALGORITHM = "ES256"

RENEWAL_SECONDS = 24 * 3600
"""How long after its end a session can be renewed, so that nobody loses sight of an order."""


class Key(Protocol):
    """The port to the café's key pair."""

    id: str
    """ID of the key, the `kid` of its tokens."""

    def sign(self, message: bytes) -> bytes:
        """The signature, as two numbers of 32 bytes."""

    def public_key(self) -> Any:
        """The public key."""


class Guests:
    """Issues and verifies the tokens of guests. `now` is in seconds."""

    def __init__(self, key: Key, minutes: int = 0, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._seconds = minutes * 60
        self._now = now

    def renewable(self, token: str) -> str:
        """The guest of a token, which may have ended a day ago. Raises `Refusal`: `unauthorized`."""
        try:
            return self._customer(token, RENEWAL_SECONDS)
        except InvalidToken:
            raise Refusal("unauthorized", "This is not a guest's token, or it ended more than a day ago.") from None

    def caller(self, token: str) -> Caller:
        """The guest of a valid token. Raises `InvalidToken`."""
        return Caller(self._customer(token, LEEWAY_SECONDS), frozenset({GUESTS}))

    def session(self, customer: str) -> GuestSession:
        """A session for a guest from now on."""
        now = int(self._now())
        header = {"alg": ALGORITHM, "kid": self._key.id, "typ": "JWT"}
        claims = {"iss": ISSUER, "sub": customer, "iat": now, "exp": now + self._seconds}
        signed = b".".join(base64url_encode(msgspec.json.encode(part)) for part in (header, claims))
        token = b".".join((signed, base64url_encode(self._key.sign(signed)))).decode()
        return GuestSession(token, customer, self._seconds, "Bearer")

    def _customer(self, token: str, leeway: int) -> str:
        if key_id(token) != self._key.id:
            raise InvalidToken("signed with an unknown key")
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                leeway=leeway,
                options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": False},
            )
        except UNREADABLE as error:
            raise InvalidToken(str(error)) from error
        return str(claims["sub"])


def new_guest() -> str:
    """A name that no other guest has."""
    return f"guest-{secrets.token_hex(12)}"
