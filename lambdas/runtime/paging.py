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
    """`?limit=` and the `cursor` of a next-page link: what the query of every list has."""

    PATH: ClassVar[str]
    """The last segment of the list's own path."""
    POSITION: ClassVar[re.Pattern[str]]
    """What a position in the list looks like."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: str | UnsetType = UNSET

    def position(self) -> str | None:
        """The position after which this page starts. The cursor holds no more than that, so there is nothing in it
        that could be bent to read what is somebody else's."""
        return None if self.cursor is UNSET else decoded(self.cursor, self.POSITION)


def decoded(cursor: str, pattern: re.Pattern[str]) -> str:
    """The position in a cursor, or a `Refusal` when it does not match the pattern as a whole."""
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        position = ""
    if not pattern.fullmatch(position):
        problem = "not one that this API made; follow the `Link` of the page before"
        raise Refusal("invalid", "Invalid query.", errors=[FieldError("cursor", problem)])
    return position


Query = TypeVar("Query", bound=Paged)


def parse(query: dict[str, str], type: type[Query]) -> Query:
    """The query's parameters, or a `Refusal` that names the wrong one. Unknown parameters are passed over."""
    try:
        return msgspec.convert(query, type, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        field = FieldError(path.removesuffix("`"), problem)
        raise Refusal("invalid", "Invalid query.", errors=[field]) from None


def next_link(query: Paged, position: str) -> str:
    """The `Link` header's value for the next page (RFC 8288).

    The reference is relative to the list's own address, so it is right under whatever host the API was reached.
    """
    cursor = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
    parameters = msgspec.to_builtins(msgspec.structs.replace(query, cursor=cursor))
    return f'<{query.PATH}?{urlencode(parameters)}>; rel="next"'
