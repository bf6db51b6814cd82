"""What a description of an operation is made of."""

from http import HTTPStatus
from typing import Any, NamedTuple

from msgspec import UNSET, Struct, UnsetType

Json = dict[str, Any]


class FieldProblem(Struct):
    """What is wrong with one field."""

    field: str
    problem: str


class Problem(Struct, kw_only=True):
    """Why a request was not carried out (RFC 9457). `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | UnsetType = UNSET


class Answer(NamedTuple):
    """An answer that is this operation's own."""

    status: HTTPStatus
    description: str
    content: Json = {}  # noqa: RUF012  schemas by media type; nobody changes them
    headers: tuple[str, ...] = ()


class Operation(NamedTuple):
    """What is to be said of a route beside what its row says."""

    id: str
    summary: str
    description: str
    answers: tuple[Answer, ...]
    problems: tuple[HTTPStatus, ...] = ()
    """Those that do not follow from the row."""
    condition: str | None = None
    """The header by which a request says under which condition, or for how often, it is meant."""


def ref(schema: str) -> Json:
    """One of the document's schemas."""
    return {"$ref": f"#/components/schemas/{schema}"}


def json_of(schema: Json) -> Json:
    """A body of JSON."""
    return {"application/json": {"schema": schema}}
