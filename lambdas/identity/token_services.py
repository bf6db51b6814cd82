"""The service that the authorizers call: created once per process on first use, from environment variables."""

import os
from functools import cache

from lambdas.identity.tokens import KeySet, TokenVerifier


@cache
def verifier() -> TokenVerifier:
    """Verifies tokens of the pool `TOKEN_ISSUER` for the client `USER_POOL_CLIENT_ID` with the keys at `JWKS_URL`."""
    return TokenVerifier(os.environ["TOKEN_ISSUER"], os.environ["USER_POOL_CLIENT_ID"], KeySet(os.environ["JWKS_URL"]))
