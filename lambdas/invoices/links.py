"""The payer's link: its token is known to the payer alone, and kept nowhere."""

import hashlib
import secrets

TOKEN_BYTES = 32
"""256 bits: nobody guesses one."""


def new_token() -> str:
    """A token, in characters that a path takes as they are."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """What is kept of a token: whoever reads it cannot tell the link from it. SHA-256 without salt is enough for
    something that cannot be guessed; a search for it tells nothing by its time, as nobody can choose the digest."""
    return hashlib.sha256(token.encode()).hexdigest()
