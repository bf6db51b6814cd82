"""Records every HTTP request that reaches the emulator, with what IAM says of it."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import cloudfront

from ..recorder.raw import PAYLOAD_BYTES, Kind, Payload, Raw, Verdict
from .recorder import Recorder, current, new_trace

App = Callable[[Any, Any, Any], Awaitable[None]]

TRACE = "X-Amzn-Trace-Id"
IS_UP = "/_ministack/health"
"""Asked again and again by those who wait for the emulator."""

_steps: ContextVar[list[Any] | None] = ContextVar("_steps", default=None)
"""The statements that were looked for, and found, while a question is answered."""


class Seen:
    """A payload that passes by in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._kept = self._size = 0

    def add(self, piece: bytes) -> None:
        """Note the next piece."""
        if piece and self._kept < PAYLOAD_BYTES:
            self._pieces.append(piece[: PAYLOAD_BYTES - self._kept])
            self._kept += len(self._pieces[-1])
        self._size += len(piece)

    def payload(self) -> Payload:
        """What has passed."""
        return Payload(b"".join(self._pieces), self._size)


def record_requests(app: App, recorder: Recorder) -> App:
    """Patch the emulator in this process, and return its application with a record of each request. Call once."""
    _note_verdicts()
    _pass_on_traces()

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] == IS_UP:
            await app(scope, receive, send)
            return
        sent, answered, start = Seen(), Seen(), {"status": 0, "headers": []}

        async def received() -> Any:
            message = await receive()
            sent.add(message.get("body", b""))
            return message

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                answered.add(message.get("body", b""))
            await send(message)

        with recorder.open() as opened:
            try:
                await app(scope, received, answer)
            finally:
                recorder.add(_request(scope, sent, answered, start, opened))

    return recorded


def _request(scope: Any, sent: Seen, answered: Seen, start: dict[str, Any], opened: Any) -> Raw:
    headers = dict(scope["headers"])
    query = scope.get("query_string", b"").decode("latin-1")
    return Raw(
        id=opened.id,
        kind=Kind.REQUEST,
        at=opened.at,
        seconds=opened.seconds(),
        parent=0,
        name=f"{scope['path']}?{query}" if query else scope["path"],
        request=sent.payload(),
        answer=answered.payload(),
        host=headers.get(b"host", b"").decode("latin-1"),
        method=scope["method"],
        status=start["status"],
        headers=list(scope["headers"]),
        answer_headers=list(start["headers"]),
        carried=headers.get(TRACE.lower().encode(), b"").decode("latin-1"),
        passed=opened.passed,
        verdicts=opened.verdicts,
    )


def _pass_on_traces() -> None:
    """Let a distribution's request to its origin tell where it comes from."""
    build = cloudfront._origin_request_headers

    def with_trace(*arguments: Any, **options: Any) -> Any:
        headers = build(*arguments, **options)
        if opened := current.get():
            opened.passed = headers[TRACE] = new_trace()
        return headers

    cloudfront._origin_request_headers = with_trace


def _note_verdicts() -> None:
    match, enforce = iam_evaluator._first_match, iam_evaluator.enforce

    def matched(context: Any, statements: Any, effect: str) -> Any:
        found = match(context, statements, effect)
        if (steps := _steps.get()) is not None:
            steps.append((context.principal_arn, effect, found))
        return found

    def enforced(key: str, action: str, service: str, region: str, resource_arn: str = "*", **options: Any) -> Any:
        steps: list[Any] = []
        token = _steps.set(steps)
        try:
            denied = enforce(key, action, service, region, resource_arn=resource_arn, **options)
        finally:
            _steps.reset(token)
        if opened := current.get():
            opened.verdicts.append(verdict(action, resource_arn, denied, steps))
        return denied

    iam_evaluator._first_match = matched
    iam_evaluator.enforce = enforced


def verdict(action: str, resource: str, denied: Any, steps: list[Any]) -> Verdict:
    """What was decided, and by which statement. `steps` has the principal, effect and found statement of each search:
    for denials in the identity's policies and in each limit, then for what allows, in the same order."""
    principal = steps[0][0] if steps else ""
    denials = [found for _, effect, found in steps if effect == "Deny"]
    allows = [found for _, effect, found in steps if effect == "Allow"]
    if isinstance(denied, iam_evaluator.AuthError):
        return Verdict(principal, action, resource, False, "credentials", None)
    if not steps:
        return Verdict(principal, action, resource, denied is None, "root", None)
    if denied is None:
        layer, statement = ("identity", allows[0]) if allows and allows[0] else ("resource", allows[-1])
        return Verdict(principal, action, resource, True, layer, statement)
    place, statement = next(((n, found) for n, found in enumerate(denials) if found), (0, None))
    if statement:
        layer = "resource" if denied.resource_policy_arn else _layer(place)
    else:
        layer = _layer(next((n for n, found in enumerate(allows) if not found), 0))
    return Verdict(principal, action, resource, False, layer, statement)


def _layer(place: int) -> str:
    return "boundary" if place else "identity"
