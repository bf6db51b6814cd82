"""The query of a list, and the link to its next page."""

import base64
import binascii
import re
from typing import Annotated, ClassVar, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lambdas.runtime.errors import FieldError, Refusal


class Paged(Struct):
    """The query parameters of every list: `?limit=`, and the `cursor` of a next-page link."""

    PATH: ClassVar[str]
    """The last segment of the list's path."""
    POSITION: ClassVar[re.Pattern[str]]
    """The format of a position in the list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: str | UnsetType = UNSET

    def position(self) -> str | None:
        """The position after which this page starts. The cursor holds nothing else, so a forged cursor gives no access
        to other users' items."""
        return None if self.cursor is UNSET else decoded(self.cursor, self.POSITION)


def decoded(cursor: str, pattern: re.Pattern[str]) -> str:
    """The position in a cursor. Raises `Refusal` unless it matches the whole pattern."""
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        position = ""
    if not pattern.fullmatch(position):
        problem = "not a cursor of this list; use the `Link` of the previous page"
        raise Refusal("invalid", "Invalid query.", errors=[FieldError("cursor", problem)])
    return position


Query = TypeVar("Query", bound=Paged)


def parse(query: dict[str, str], type: type[Query]) -> Query:
    """The query parameters. Raises `Refusal`, which names the invalid one. Unknown parameters are ignored."""
    try:
        return msgspec.convert(query, type, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        field = FieldError(path.removesuffix("`"), problem)
        raise Refusal("invalid", "Invalid query.", errors=[field]) from None


def next_link(query: Paged, position: str) -> str:
    """The value of the `Link` header for the next page (RFC 8288).

    The reference is relative to the list's URL, so it works with any host name of the API.
    """
    cursor = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
    parameters = msgspec.to_builtins(msgspec.structs.replace(query, cursor=cursor))
    return f'<{query.PATH}?{urlencode(parameters)}>; rel="next"'
