"""What the sign-in handlers call: made once in a process, when a call needs it, from the function's environment."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.identity.sign_in import SignIn


@cache
def sign_in() -> "SignIn":
    """Sign-in to the user pool by its app client `USER_POOL_CLIENT_ID`."""
    from lambdas.identity.sign_in import SignIn

    return SignIn(os.environ["USER_POOL_CLIENT_ID"])
