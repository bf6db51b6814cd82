"""Types for the descriptions of operations."""

from http import HTTPStatus
from typing import Any, NamedTuple

from msgspec import UNSET, Struct, UnsetType

Json = dict[str, Any]


class FieldProblem(Struct):
    """A problem with one field."""

    field: str
    problem: str


class Problem(Struct, kw_only=True):
    """Why a request failed (RFC 9457). `detail` is for humans."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | UnsetType = UNSET


class Answer(NamedTuple):
    """A response that is specific to an operation."""

    status: HTTPStatus
    description: str
    content: Json = {}  # noqa: RUF012  schemas by media type; never modified
    headers: tuple[str, ...] = ()


class Operation(NamedTuple):
    """The description of a route, in addition to its entry in the route table."""

    id: str
    summary: str
    description: str
    answers: tuple[Answer, ...]
    problems: tuple[HTTPStatus, ...] = ()
    """Problems that do not follow from the route table."""
    condition: str | None = None
    """The header that makes a request conditional or idempotent."""


def ref(schema: str) -> Json:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{schema}"}


def json_of(schema: Json) -> Json:
    """Return the content of a JSON body."""
    return {"application/json": {"schema": schema}}
