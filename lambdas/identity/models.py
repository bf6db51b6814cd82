"""The bodies of `POST /authenticate`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Secret = Annotated[str, Meta(min_length=1, max_length=8192)]


class Credentials(Struct, forbid_unknown_fields=True, rename="camel"):
    """`username` and `password`, or a `refreshToken`."""

    username: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType = UNSET
    password: Annotated[str, Meta(min_length=1, max_length=256)] | UnsetType = UNSET
    refresh_token: Secret | UnsetType = UNSET

    def __post_init__(self) -> None:
        by_password = (self.username is not UNSET, self.password is not UNSET)
        if by_password != (self.refresh_token is UNSET,) * 2:
            raise ValueError("Give `username` and `password`, or `refreshToken`")


class Tokens(Struct, rename="camel", omit_defaults=True):
    """What a signed-in user gets. `token` is the access token; `expiresIn` is in seconds."""

    token: str
    access_token: str
    id_token: str
    expires_in: int
    token_type: str
    refresh_token: str | UnsetType = UNSET
