"""The query of a list of orders, and the link to its next page."""

import base64
import binascii
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lambdas.errors import FieldError, Refusal
from lambdas.orders.keys import POSITION
from lambdas.orders.models import Customer, Status


class ListQuery(Struct):
    """`?limit=`, `?status=`, `?customer=` and the `cursor` of a next-page link."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    status: Status | UnsetType = UNSET
    customer: Customer | UnsetType = UNSET
    cursor: str | UnsetType = UNSET

    def position(self) -> str | None:
        """The position after which this page starts. The cursor holds no more than that, so there is nothing in it
        that could be bent to read somebody else's orders."""
        if self.cursor is UNSET:
            return None
        try:
            position = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)).decode("ascii")
        except (binascii.Error, ValueError):
            position = ""
        if not POSITION.fullmatch(position):
            problem = "not one that this API made; follow the `Link` of the page before"
            raise Refusal("invalid", "The query is not as it should be.", errors=[FieldError("cursor", problem)])
        return position


def parse(query: dict[str, str]) -> ListQuery:
    """The query's parameters, or a `Refusal` that names the wrong one. Unknown parameters are passed over."""
    try:
        return msgspec.convert(query, ListQuery, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        field = FieldError(path.removesuffix("`"), problem)
        raise Refusal("invalid", "The query is not as it should be.", errors=[field]) from None


def next_link(query: ListQuery, position: str) -> str:
    """The `Link` header's value for the next page (RFC 8288).

    The reference is relative to the list's own address, so it is right under whatever host the API was reached.
    """
    cursor = base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")
    parameters = msgspec.to_builtins(msgspec.structs.replace(query, cursor=cursor))
    return f'<orders?{urlencode(parameters)}>; rel="next"'
