"""The exception that the domain raises and that handlers map to a response."""

from typing import Literal

Reason = Literal[
    "invalid",
    "unauthorized",
    "forbidden",
    "missing",
    "conflict",
    "changed",
    "too_large",
    "unsupported",
    "throttled",
    "unavailable",
]
"""`throttled`: the caller did too much. `unavailable`: the fault is ours, and the same request may succeed later."""


class FieldError(dict[str, str]):
    """An invalid field of a request: `{"field": "items[0].qty", "problem": "..."}`."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field, problem=problem)


class Refusal(Exception):
    """An expected error, which the client gets as a problem document.

    `reason` is the kind of refusal, `detail` is for people who read the response, `errors` lists invalid fields, and
    `extra` holds additional members of the problem document. `retry_after` is in seconds, for the reasons `throttled`
    and `unavailable`.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        extra: dict[str, object] | None = None,
        retry_after: int = 1,
    ) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail
        self.errors = errors or []
        self.extra = extra or {}
        self.retry_after = retry_after

    def __str__(self) -> str:
        """The refusal as one line for the log."""
        return " ".join([self.detail, *(f"{error['field']}: {error['problem']}." for error in self.errors)])
