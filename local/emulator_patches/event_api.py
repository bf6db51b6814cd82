"""Fixes the emulator: event APIs authorize as AppSync does (AppSync Events guide, "Configuring authorization").

ministack 1.5.33 sends every operation to the Lambda authorizer if an API has one, also those signed for IAM; it does
not check `appsync:EventPublish`, a signature inside a WebSocket message, or the function's permission for AppSync; and
it accepts any bearer token for user pools. With these patches:

- the operation's authorization modes decide who is asked, and HTTP requests signed for IAM need the permission on the
  namespace;
- signed WebSocket messages, and APIs with modes that the emulator cannot verify, are refused;
- the authorizer must be callable by AppSync, its answer must have the documented types, and it is cached for its TTL.
  AWS does not say what the cache's key is, so the worst case applies: an answer is reused for the token's other
  channels;
- a channel's name has no empty parts, `*` at its end matches all levels below, and an event has at most 240 KB.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions
from ministack.services import appsync_events as events
from ministack.services import lambda_svc

MAX_EVENT_BYTES = 240 * 1024
"""AppSync endpoints and quotas, "Event payload size"."""

DEFAULT_TTL_SECONDS = 300
"""How long an answer is cached if the API does not say. AWS's pages disagree on 0 and 300."""

VERIFIED = frozenset({"API_KEY", "AWS_IAM", "AWS_LAMBDA"})
"""The modes that the emulator can verify."""

UNREAD_SECONDS = 1
"""How long a refused connection waits for the client's first message before it is closed."""

SIGNED = "AWS4-HMAC-SHA256"
SEGMENT = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?"
CHANNEL = re.compile(rf"/?{SEGMENT}(?:/{SEGMENT}){{0,4}}/?")
PATTERN = re.compile(rf"/?{SEGMENT}(?:/{SEGMENT}){{0,3}}/\*")

REFUSED = "You are not authorized to make this call."
UNAUTHORIZED = {"errorType": "UnauthorizedException", "message": REFUSED, "errorCode": 401}
FAILURE = {"errorType": "AuthorizerFailureException", "message": "The authorizer failed.", "errorCode": 500}

_failed: ContextVar[list[bool] | None] = ContextVar("_failed", default=None)
"""Filled if the authorizer raised while this connection was opened."""

_answers: dict[tuple[str, str], tuple[float, bool]] = {}
"""Cached answers of authorizers, with their end, by API and token."""


def authorize_events() -> None:
    """Patch the emulator in this process. Call once."""
    action, resource = iam_actions.extract_iam_action, iam_actions.extract_resource_arn
    create, update, fan_out, serve = (
        events._create_api,
        events._update_api,
        events._fanout_publish,
        events.handle_websocket,
    )

    def action_of(service: str, method: str, path: str, headers: Any, *rest: Any) -> Any:
        if _is_signed_publish(service, headers):
            return "appsync:EventPublish"
        return action(service, method, path, headers, *rest)

    def resource_of(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, region: str, account: str
    ) -> Any:
        if _is_signed_publish(service, headers):
            api = headers.get("host", "").partition(".")[0]
            return f"arn:aws:appsync:{region}:{account}:apis/{api}/channelNamespace/{_namespace(body)}"
        return resource(service, method, path, headers, body, query, region, account)

    def create_verifiable(body: Any) -> Any:
        return _unverified(body) or create(body)

    def update_verifiable(api_id: str, body: Any) -> Any:
        return _unverified(body) or update(api_id, body)

    async def fan_out_small(api_id: str, channel: str, sent: list[Any]) -> Any:
        large = {number for number, event in enumerate(sent) if len(str(event).encode()) > MAX_EVENT_BYTES}
        successful, failed = await fan_out(
            api_id, channel, [None if number in large else event for number, event in enumerate(sent)]
        )
        return successful, failed

    async def serve_connection(scope: Any, receive: Any, send: Any, api_id: str) -> None:
        failed: list[bool] = []
        _failed.set(failed)

        async def send_like_aws(message: dict[str, Any]) -> None:
            if '"connection_error"' in (message.get("text") or ""):
                error = FAILURE if failed else UNAUTHORIZED
                message = {**message, "text": json.dumps({"type": "connection_error", "errors": [error]})}
            if message["type"] == "websocket.close":
                message = {**message, "code": 1000}
                # A connection that closes with unread data is reset, which loses what was sent before.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(receive(), UNREAD_SECONDS)
            await send(message)

        await serve(scope, receive, send_like_aws, api_id)

    iam_actions.extract_iam_action = action_of
    iam_actions.extract_resource_arn = resource_of
    events._create_api = create_verifiable
    events._update_api = update_verifiable
    events._fanout_publish = fan_out_small
    events.handle_websocket = serve_connection
    events._authorize_event_op = _authorize
    events._events_authorizer_invoke = _ask
    events._validate_channel = _channel_problem
    events._channel_matches = _matches


def _is_signed_publish(service: str, headers: Mapping[str, str]) -> bool:
    return service == "appsync-events" and headers.get("authorization", "").startswith(SIGNED)


def _namespace(body: bytes) -> str:
    """The namespace of the channel in the body of a publish request."""
    try:
        channel = json.loads(body)["channel"]
    except (ValueError, KeyError, TypeError):
        return ""
    return channel.strip("/").partition("/")[0] if isinstance(channel, str) else ""


def _unverified(body: Any) -> Any:
    """The refusal of an API whose authorization modes the emulator cannot verify, or `None`."""
    unknown = set(re.findall(r'"authType"\s*:\s*"(\w+)"', body.decode())) - VERIFIED
    if not unknown:
        return None
    return events.error_response_json(
        "BadRequestException", f"The emulator cannot verify {', '.join(sorted(unknown))}", 400
    )


async def _authorize(
    api_id: str, channel: str | None, operation: str, auth: Any, request_headers: Any = None
) -> tuple[bool, str | None]:
    """Whether an operation is authorized by one of its modes. Only HTTP requests have headers: the gateway has checked
    their signature and permission."""
    modes = events._operation_auth_modes(api_id, channel, operation)
    token = events._bearer_from_auth_dict(auth)
    if token.startswith(SIGNED):
        return "AWS_IAM" in modes and request_headers is not None, REFUSED
    if "API_KEY" in modes and events._auth_has_known_api_key(api_id, auth):
        return True, None
    if "AWS_LAMBDA" in modes and token:
        authorizer, namespace = events._find_lambda_authorizer_arn(api_id), events._channel_namespace_for(channel or "")
        arguments = (authorizer, api_id, operation, channel, namespace, token, request_headers or {})
        allowed, _ = await events.run_reentrant(_ask, *arguments)
        return allowed, REFUSED
    return False, REFUSED


def _ask(
    arn: str | None, api_id: str, operation: str, channel: str | None, namespace: str | None, token: str, headers: Any
) -> tuple[bool, None]:
    """Whether the authorizer allows an operation."""
    until, answer = _answers.get((api_id, token), (0.0, False))
    if time.monotonic() < until:
        return answer, None
    request = {
        "apiId": api_id,
        "accountId": events.get_account_id(),
        "requestId": events.new_uuid(),
        "operation": operation,
        **({"channelNamespaceName": namespace, "channel": channel} if channel else {}),
    }
    event = {"authorizationToken": token, "requestContext": request, "requestHeaders": headers}
    function, config, _ = lambda_svc._get_func_record_for_ref(arn) if arn else (None, None, None)
    if not function or not _may_call(function, api_id):
        events.logger.error("AppSync may not call the authorizer %s", arn)
        return False, None
    record = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    if result.get("error"):
        (failed if (failed := _failed.get()) is not None else []).append(True)
        return False, None
    allowed, ttl = parsed(result.get("body"), _ttl_of(api_id))
    if ttl:
        _answers[api_id, token] = (time.monotonic() + ttl, allowed)
    return allowed, None


def parsed(body: Any, ttl: int) -> tuple[bool, int]:
    """An authorizer's answer and how long to cache it in seconds: `ttl`, unless the answer overrides it. An answer with
    other types than documented denies."""
    answer = json.loads(body) if isinstance(body, str | bytes) else body
    if not isinstance(answer, dict):
        return False, 0
    override, context = answer.get("ttlOverride", ttl), answer.get("handlerContext", {})
    is_valid = (
        isinstance(answer.get("isAuthorized"), bool)
        and isinstance(override, int)
        and 0 <= override <= 3600
        and isinstance(context, dict)
        and all(isinstance(value, str) for value in context.values())
    )
    return (answer["isAuthorized"], override) if is_valid else (False, 0)


def _ttl_of(api_id: str) -> int:
    [config] = [
        each["lambdaAuthorizerConfig"]
        for each in events._apis[api_id]["eventConfig"]["authProviders"]
        if each["authType"] == "AWS_LAMBDA"
    ]
    return int(config.get("authorizerResultTtlInSeconds", DEFAULT_TTL_SECONDS))


def _may_call(function: Any, api_id: str) -> bool:
    """Whether a function's policy lets AppSync call it for this API."""
    return any(
        statement.get("Principal") == {"Service": "appsync.amazonaws.com"}
        and statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", events._api_arn(api_id))
        == events._api_arn(api_id)
        for statement in function["policy"]["Statement"]
    )


def _channel_problem(channel: Any, *, allow_wildcard: bool) -> str | None:
    """Why a channel's name is invalid, or `None`."""
    if isinstance(channel, str) and (CHANNEL.fullmatch(channel) or (allow_wildcard and PATTERN.fullmatch(channel))):
        return None
    return "Invalid Channel Format"


def _matches(channel: str, pattern: str) -> bool:
    """Whether a subscription's pattern matches a channel."""
    parts, wanted = channel.strip("/").split("/"), pattern.strip("/").split("/")
    if wanted[-1] == "*":
        return len(parts) >= len(wanted) and parts[: len(wanted) - 1] == wanted[:-1]
    return parts == wanted
