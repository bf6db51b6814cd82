"""Payment links. Only the payer knows a link's token; the café stores its digest."""

import hashlib
import secrets

TOKEN_BYTES = 32
"""256 bits cannot be guessed."""


def new_token() -> str:
    """A random token in URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """The stored form of a token, from which the link cannot be recovered. SHA-256 without salt is enough for a token
    that cannot be guessed. The time of a lookup reveals nothing, because nobody can choose the digest."""
    return hashlib.sha256(token.encode()).hexdigest()
