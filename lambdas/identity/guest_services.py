"""The services that begin sessions of guests: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.guests import Guests
    from lambdas.identity.session_limit import SessionLimit


@cache
def guest_sessions() -> "Guests | None":
    """Issues sessions of `GUEST_MINUTES` minutes, signed by `GUEST_KEY`; `None` for a stack without guests."""
    if "GUEST_KEY" not in os.environ:
        return None
    from lambdas.identity.guests import Guests
    from lambdas.identity.signing_key import SigningKey

    return Guests(SigningKey(os.environ["GUEST_KEY"]), int(os.environ["GUEST_MINUTES"]))


@cache
def session_limit() -> "SessionLimit":
    """The limit of sessions, counted in `CAFE_TABLE`."""
    from lambdas.identity.session_limit import SessionLimit

    return SessionLimit(os.environ["CAFE_TABLE"])
