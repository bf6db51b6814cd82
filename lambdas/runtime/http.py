"""Requests from API Gateway's proxy events, and its responses and problem documents (RFC 9457)."""

import base64
import binascii
import functools
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from aws_lambda_powertools import Logger

from lambdas.runtime.caller import Caller
from lambdas.runtime.errors import FieldError, Reason, Refusal
from lambdas.runtime.metrics import Metric, count_by_kind

Body = TypeVar("Body")
Key = TypeVar("Key", bound=msgspec.Struct)
Event = Mapping[str, Any]

ENTITY_TAG = re.compile(r'(W/)?"([^"]*)"')
"""An entity tag: the mark of a weak tag, and the content of the quotes (RFC 9110, section 8.8.3)."""

MAX_TAGS = 100
"""The most operands of IN in a condition (DynamoDB quotas)."""

MAX_BODY_BYTES = 64 * 1024

ORIGIN_KEY_HEADER = "x-origin-key"
"""The header that the CDN adds to its requests, with a key that nobody else knows."""

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Date, ETag, Link, Location, Retry-After",
}
"""Any origin may call, because access depends on the token, and no cookies are used."""

STATUS: dict[Reason, HTTPStatus] = {
    "invalid": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "missing": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "changed": HTTPStatus.PRECONDITION_FAILED,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "throttled": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}

TITLES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large"}
"""Phrases that differ between the Python versions of Lambda, the laptop and the gateway's document."""

logger = Logger()


class Request:
    """A request to the API."""

    def __init__(self, event: Event) -> None:
        self._event = event
        # `headers` has only the last line of a repeated header. All lines together are its value (RFC 9110, 5.3).
        lines = event.get("multiValueHeaders") or {
            name: [value] for name, value in (event.get("headers") or {}).items()
        }
        self._headers = {name.lower(): ", ".join(filter(None, values)) for name, values in lines.items()}

    @property
    def caller(self) -> Caller:
        """The caller, according to the authorizer."""
        request = self._event["requestContext"]
        context = request["authorizer"]
        groups, scopes = (frozenset(context[name].split()) for name in ("groups", "scopes"))
        return Caller(context["customer"], groups, scopes, request["requestId"])

    @property
    def method(self) -> str:
        """The HTTP method, in upper case."""
        return str(self._event["httpMethod"])

    def client_address(self, origin_key_sha256: str) -> str:
        """The IP address of the client.

        CloudFront appends it to `X-Forwarded-For`, before the address that API Gateway appends, and sends a key with
        this digest.
        Everything before these two, and the whole header without that key, can be the client's invention.
        """
        key = self.header(ORIGIN_KEY_HEADER)
        sent = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        hops = self.header("X-Forwarded-For").split(",")
        if key and len(hops) > 1 and hmac.compare_digest(sent, origin_key_sha256):
            return hops[-2].strip()
        return str(self._event["requestContext"]["identity"]["sourceIp"])

    @property
    def stage(self) -> str:
        """The API's stage, which is the first segment of the URL's path."""
        return str(self._event["requestContext"]["stage"])

    @property
    def route_path(self) -> str:
        """The path of the API's resource that matched, with its parameters' names: `/orders/{customer}/{id}`."""
        return str(self._event["resource"])

    def header(self, name: str) -> str:
        """A header's value, or `""`. The name is not case-sensitive."""
        return self._headers.get(name.lower()) or ""

    def parameter(self, name: str) -> str:
        """A path parameter, decoded: a REST API passes path segments as the client sent them."""
        return unquote(self._event["pathParameters"][name])

    def key(self, type: type[Key]) -> Key:
        """The path parameters as a key. Raises `Refusal` if they cannot be a key."""
        parameters = {name: self.parameter(name) for name in type.__struct_fields__}
        try:
            "".join(parameters.values()).encode()  # no key has a lone surrogate
            return msgspec.convert(parameters, type)
        except (msgspec.ValidationError, UnicodeEncodeError):
            raise Refusal("missing", "Not found.") from None

    @property
    def if_match(self) -> frozenset[str] | None:
        """The revisions that a write accepts, or `None` for any. A weak tag never matches a write. Raises `Refusal` for
        more tags than DynamoDB compares."""
        value = self.header("If-Match").strip()
        if value in ("", "*"):
            return None
        tags = frozenset(tag for weak, tag in ENTITY_TAG.findall(value) if not weak)
        if len(tags) > MAX_TAGS:
            raise Refusal("invalid", f"If-Match has {len(tags)} entity tags; the maximum is {MAX_TAGS}.")
        return tags

    def has_seen(self, revision: str) -> bool:
        """Whether the client has this revision, according to `If-None-Match`."""
        value = self.header("If-None-Match").strip()
        return value == "*" or revision in [tag for _, tag in ENTITY_TAG.findall(value)]

    def query(self) -> dict[str, str]:
        """The query parameters."""
        return dict(self._event.get("queryStringParameters") or {})

    def body(self, type: type[Body], limit: int = MAX_BODY_BYTES) -> Body:
        """The JSON body. Raises `Refusal` if it exceeds `limit` bytes or is invalid; the refusal names the field."""
        raw = (self._event.get("body") or "").encode("utf-8", "surrogatepass")
        try:
            content = base64.b64decode(raw, validate=True) if self._event.get("isBase64Encoded") else raw
        except binascii.Error as error:
            raise Refusal("invalid", f"The body is not base64: {error}.") from None
        if len(content) > limit:
            raise Refusal("too_large", f"The body has {len(content)} bytes; the maximum is {limit}.")
        return parse(content, type)


@dataclass(frozen=True)
class Response:
    """A response. `body` is sent as JSON, or unchanged if it is a string."""

    status: HTTPStatus = HTTPStatus.OK
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)

    def to_api_gateway(self) -> dict[str, Any]:
        """The response in the format of a Lambda proxy integration."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **CORS_HEADERS, **self.headers}
        body = self.body if isinstance(self.body, str) else msgspec.json.encode(self.body).decode()
        return {
            "statusCode": int(self.status),
            "headers": headers,
            "body": "" if self.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED) else body,
        }


def parse(content: bytes | str, type: type[Body]) -> Body:
    """Parse JSON as a `type`. Raises `Refusal`, which names the invalid field."""
    try:
        return msgspec.json.decode(content, type=type)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        where = path.removesuffix("`").lstrip(".") or "body"
        raise Refusal("invalid", "Invalid request body.", errors=[FieldError(where, problem)]) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("invalid", f"The body is not JSON: {error}.") from None


def problem(status: HTTPStatus, detail: str, **extra: object) -> Response:
    """A response with a problem document."""
    title = TITLES.get(status, status.phrase)
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail, **extra}
    return Response(status, body, {"Content-Type": "application/problem+json"})


def _refused(refusal: Refusal) -> Response:
    """The response to a refused request."""
    errors = {"errors": refusal.errors} if refusal.errors else {}
    answer = problem(STATUS[refusal.reason], refusal.detail, **errors, **refusal.extra)
    if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def endpoint(respond: Callable[[Request], Response]) -> Callable[[Event, Any], dict[str, Any]]:
    """Turn a function from request to response into a handler for API Gateway.

    A `Refusal` becomes a problem document. Any other exception becomes a 500 response without details; the details are
    logged. Each request logs one line, without body or token.
    """

    @functools.wraps(respond)
    def handler(event: Event, context: Any) -> dict[str, Any]:
        started = time.perf_counter()
        try:
            path = str(event.get("path", ""))
            if path != "/" and path.endswith("/"):
                raise Refusal("missing", "Not found. The path must not end with a slash.")
            sent = respond(Request(event)).to_api_gateway()
        except Refusal as refusal:
            is_ours = refusal.reason == "unavailable"
            count_by_kind(Metric.FAILURES if is_ours else Metric.REFUSALS, refusal.reason)
            sent = _refused(refusal).to_api_gateway()
        except Exception as error:
            count_by_kind(Metric.FAILURES, type(error).__name__)
            logger.exception("failed")
            sent = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.").to_api_gateway()
        if event.get("httpMethod") == "HEAD":
            sent["body"] = ""
        duration = round((time.perf_counter() - started) * 1000, 1)
        logger.info("answered", extra={"status": sent["statusCode"], "duration_ms": duration})
        return sent

    return logger.inject_lambda_context(correlation_id_path="requestContext.requestId")(handler)
