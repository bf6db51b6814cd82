"""Records every HTTP request that reaches the emulator, with what IAM says of it."""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from itertools import takewhile
from typing import Any, NamedTuple

from ministack.core import iam_evaluator
from ministack.services import cloudfront

from ..emulator_settings import OBSERVER
from ..recorder.raw import PAYLOAD_BYTES, Kind, Payload, Raw, Verdict
from .recorder import Recorder, current, new_trace

App = Callable[[Any, Any, Any], Awaitable[None]]

TRACE = "X-Amzn-Trace-Id"
OWN_PATHS = "/_ministack/"
"""The emulator's own pages, which only show what happens."""

BOUNDARY, SESSION = "boundary", "session"
"""What limits a principal besides its own policies."""

logger = logging.getLogger(__name__)

_steps: ContextVar["list[Step] | None"] = ContextVar("_steps", default=None)
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
        if scope["type"] != "http" or _is_observer(scope):
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
                recorder.add(_request, scope, sent, answered, start, opened)

    return recorded


def _is_observer(scope: Any) -> bool:
    """Whether a request only shows what happens."""
    agents = (value for name, value in scope["headers"] if name == b"user-agent")
    return scope["path"].startswith(OWN_PATHS) or any(OBSERVER.encode() in agent for agent in agents)


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
            opened.passed = opened.passed or new_trace()
            headers[TRACE] = opened.passed
        return headers

    cloudfront._origin_request_headers = with_trace


def _note_verdicts() -> None:
    match, enforce = iam_evaluator._first_match, iam_evaluator.enforce
    for layer, name in ((BOUNDARY, "_permissions_boundary"), (SESSION, "_session_policy_limits")):
        _note_limits(layer, name)

    def matched(context: Any, statements: Any, effect: str) -> Any:
        found = match(context, statements, effect)
        if (steps := _steps.get()) is not None:
            steps.append(Step(context.principal_arn, effect, found))
        return found

    def enforced(key: str, action: str, service: str, region: str, resource_arn: str = "*", **options: Any) -> Any:
        steps: list[Step] = []
        token = _steps.set(steps)
        try:
            denied = enforce(key, action, service, region, resource_arn=resource_arn, **options)
        finally:
            _steps.reset(token)
        if opened := current.get():
            try:
                is_root = iam_evaluator.is_root_access_key(key)
                opened.verdicts.append(verdict(action, resource_arn, denied, steps, is_root=is_root))
            except Exception:
                logger.exception("%s: the verdict is not recorded", action)
        return denied

    iam_evaluator._first_match = matched
    iam_evaluator.enforce = enforced


def _note_limits(layer: str, name: str) -> None:
    """Note that a principal has a layer that limits it."""
    read = getattr(iam_evaluator, name)

    def limited(*arguments: Any) -> Any:
        limits = read(*arguments)
        if limits and (steps := _steps.get()) is not None:
            steps.append(Step("", layer, None))
        return limits

    setattr(iam_evaluator, name, limited)


class Step(NamedTuple):
    """A search for a statement, with what was found; or a layer that limits the principal, as `effect`."""

    principal: str
    effect: str
    found: Any


def verdict(action: str, resource: str, denied: Any, steps: list[Step], *, is_root: bool) -> Verdict:
    """What was decided, and by which statement.

    First, each layer is searched for what denies: the identity's policies, its boundary, its session. Then each is
    searched for what allows, up to the first that does not. Then follows the resource's policy, in the same way.
    """
    names = ["identity", *(step.effect for step in steps if step.effect in (BOUNDARY, SESSION))]
    searched = [step for step in steps if step.effect in ("Allow", "Deny")]
    if isinstance(denied, iam_evaluator.AuthError):
        return Verdict("", action, resource, False, "credentials", None)
    if not searched:
        return Verdict("", action, resource, denied is None, "root" if is_root else "unconditional", None)
    denials = [*takewhile(lambda step: step.effect == "Deny", searched)]
    allows = [*takewhile(lambda step: step.effect == "Allow", searched[len(denials) :])]
    of_resource = searched[len(denials) + len(allows) :]

    def decided(layer: str, step: Step | None = None) -> Verdict:
        return Verdict(searched[0].principal, action, resource, denied is None, layer, step.found if step else None)

    if denials[-1].found:
        return decided(names[len(denials) - 1], denials[-1])
    missing = next((place for place, step in enumerate(allows) if not step.found), None)
    if denied is None:
        return decided("identity", allows[0]) if missing is None else decided("resource", _first(of_resource))
    if explicit := next((step for step in of_resource if step.effect == "Deny" and step.found), None):
        return decided("resource", explicit)
    return decided("resource" if missing is None else names[missing])


def _first(steps: list[Step]) -> Step | None:
    return next((step for step in steps if step.effect == "Allow" and step.found), None)
