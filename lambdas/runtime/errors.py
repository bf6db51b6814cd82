"""The one exception that the domain raises, and that its callers map to an answer."""

from typing import Literal

Reason = Literal[
    "invalid", "unauthorized", "forbidden", "missing", "conflict", "changed", "too_large", "unsupported", "throttled"
]


class FieldError(dict[str, str]):
    """One field of a request and what is wrong with it: `{"field": "items[0].qty", "problem": "..."}`."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field, problem=problem)


class Refusal(Exception):
    """A request that is understood and not carried out.

    `reason` says which kind of refusal it is, `detail` is for the person who reads the answer, `errors` names single
    fields, and `extra` holds further members of the problem document.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        extra: dict[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail
        self.errors = errors or []
        self.extra = extra or {}

    def __str__(self) -> str:
        """The refusal in a line of a log."""
        return " ".join([self.detail, *(f"{error['field']}: {error['problem']}." for error in self.errors)])
