"""The services that the handlers of sign-in and the authorizers call: created once per process on first use, from
environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.sign_in import SignIn
    from lambdas.identity.tokens import TokenVerifier


@cache
def sign_in() -> "SignIn":
    """Sign-in to the user pool through the app client `USER_POOL_CLIENT_ID`."""
    from lambdas.identity.sign_in import SignIn

    return SignIn(os.environ["USER_POOL_CLIENT_ID"])


@cache
def verifier() -> "TokenVerifier":
    """Verifies tokens of the pool `TOKEN_ISSUER` for the client `USER_POOL_CLIENT_ID` with the keys at `JWKS_URL`."""
    from lambdas.identity.tokens import KeySet, TokenVerifier

    return TokenVerifier(os.environ["TOKEN_ISSUER"], os.environ["USER_POOL_CLIENT_ID"], KeySet(os.environ["JWKS_URL"]))
