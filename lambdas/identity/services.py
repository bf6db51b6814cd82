"""The service that the sign-in handler calls: created once per process on first use, from environment variables."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.sign_in import SignIn


@cache
def sign_in() -> "SignIn":
    """Sign-in to the user pool through the app client `USER_POOL_CLIENT_ID`."""
    from lambdas.identity.sign_in import SignIn

    return SignIn(os.environ["USER_POOL_CLIENT_ID"])
