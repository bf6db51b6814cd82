"""The request and response bodies of signing in, as a customer, a guest or a display."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from lambdas.runtime.forms import OneOfForms

Password = Annotated[str, Meta(min_length=1, max_length=256)]
"""256 characters is Cognito's maximum."""


class Credentials(OneOfForms, forbid_unknown_fields=True, rename="camel"):
    """A password, a refresh token, or the response to a challenge: its `session` and a new password or a code."""

    FORMS = (
        frozenset({"username", "password"}),
        frozenset({"refreshToken"}),
        frozenset({"username", "session", "newPassword"}),
        frozenset({"username", "session", "code"}),
    )

    username: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    refresh_token: Annotated[str, Meta(min_length=1, max_length=8192)] | UnsetType = UNSET
    session: Annotated[str, Meta(min_length=20, max_length=2048)] | UnsetType = UNSET
    new_password: Password | UnsetType = UNSET
    code: Annotated[str, Meta(pattern=r"^[0-9]{6}(?![\s\S])")] | UnsetType = UNSET


class Tokens(Struct, rename="camel", omit_defaults=True):
    """The tokens of a signed-in user. `token` is the access token; `expiresIn` is in seconds."""

    token: str
    access_token: str
    id_token: str
    expires_in: int
    token_type: str
    refresh_token: str | UnsetType = UNSET


class GuestRequest(Struct, forbid_unknown_fields=True):
    """The body of `POST /guests`: empty, or the guest's own token, for a new one."""

    token: Annotated[str, Meta(min_length=1, max_length=2048)] | UnsetType = UNSET


class GuestSession(Struct, rename="camel"):
    """A session without an account. `customer` is the guest's name in orders; `expiresIn` is in seconds."""

    token: str
    customer: str
    expires_in: int
    token_type: str


class NewDisplay(Struct, forbid_unknown_fields=True):
    """The body of `POST /displays`, which is empty."""


class Display(Struct):
    """A screen in the room and its token, which the café does not show again."""

    id: str
    token: str


class RegisteredDisplay(Struct):
    """A screen in the room, without its token."""

    id: str


class DisplayKey(Struct, frozen=True):
    """The path parameter of one display."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
