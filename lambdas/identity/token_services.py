"""The services that the authorizers call: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

from lambdas.identity.tokens import KeySet, TokenVerifier, key_id
from lambdas.runtime.caller import Caller

if TYPE_CHECKING:
    from lambdas.identity.displays import Displays
    from lambdas.identity.guests import Guests


def caller_of(token: str) -> Caller:
    """Return the caller that a token identifies. Raises `InvalidToken` if the token is not valid, and other exceptions
    if it cannot be verified."""
    if token.startswith("display.") and "CAFE_TABLE" in os.environ:
        return displays().caller(token)
    if "GUEST_KEY" in os.environ and key_id(token) == os.environ["GUEST_KEY"]:
        return guests().caller(token)
    return verifier().caller(token)


@cache
def verifier() -> TokenVerifier:
    """Verifies tokens of the pool `TOKEN_ISSUER` for the client `USER_POOL_CLIENT_ID` with the keys at `JWKS_URL`."""
    return TokenVerifier(os.environ["TOKEN_ISSUER"], os.environ["USER_POOL_CLIENT_ID"], KeySet(os.environ["JWKS_URL"]))


# The two below load the AWS SDK, which a customer's token does not need.
@cache
def guests() -> "Guests":
    """Verifies tokens of guests with the public key of `GUEST_KEY`."""
    from lambdas.identity.guests import Guests
    from lambdas.identity.signing_key import SigningKey

    return Guests(SigningKey(os.environ["GUEST_KEY"]))


@cache
def displays() -> "Displays":
    """The displays in `CAFE_TABLE`."""
    from lambdas.identity.displays import Displays

    return Displays(os.environ["CAFE_TABLE"])
