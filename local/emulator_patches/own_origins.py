"""Protects the emulator from pages that are not the run's own.

Who can reach the emulator's port can do anything there: its root credentials are known, and it can be reset without
any. So could every page that is open in a browser on this machine, and every host name that resolves to it ("DNS
rebinding"). This patch answers only requests for loopback names, and of other pages only those that AWS would answer,
too: of a stage of an API, of a bucket as far as its CORS rules allow, of the site, and of the hosted sign-in.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ministack.services import apigateway_v1, s3

App = Callable[[Any, Any, Any], Awaitable[None]]

LOOPBACK = re.compile(r"(?:[a-z0-9_.-]+\.)?localhost|127(?:\.\d{1,3}){3}|::1")
SITE = re.compile(r"[a-z0-9]+\.cloudfront\.localhost")
API_HOST = re.compile(r"([0-9a-f]{8})\.execute-api\.localhost")
API_PATH = re.compile(r"/_aws/execute-api/([0-9a-f]{8})/([^/]+)(?:/.*)?")
HOSTED_PAGES = re.compile(r"/(?:oauth2/authorize|login|logout)")

OTHER_PAGES = ("cross-site", "same-site")
"""Values of `Sec-Fetch-Site` for requests of other origins, also for those that have no `Origin`, such as images."""

MESSAGE = b'{"message": "The emulator answers only this machine, and only pages of this run."}'


class Request(NamedTuple):
    """What is known of a request before it is answered."""

    method: str
    host: str
    port: int
    """Where it arrived."""
    path: str
    query: str
    headers: dict[bytes, str]


def refuse_foreign_origins(app: App, *ports: int) -> App:
    """The application without requests of other pages. `ports` are those of the run's own addresses; on all but the
    first there is the site alone."""

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or _is_allowed(_request(scope), ports):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(MESSAGE)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": MESSAGE})

    return checked


def _request(scope: Any) -> Request:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    query = scope.get("query_string", b"").decode("latin-1")
    host = _host(f"//{headers.get(b'host', '')}")
    return Request(scope.get("method", "GET"), host, scope["server"][1], scope["path"], query, headers)


def _is_allowed(request: Request, ports: tuple[int, ...]) -> bool:
    if not LOOPBACK.fullmatch(request.host):
        return False
    origin = request.headers.get(b"origin")
    if origin is None:
        return request.headers.get(b"sec-fetch-site") not in OTHER_PAGES or _is_public(request, ports)
    return _is_own(origin, ports) or _is_of_api(request) or _is_allowed_by_bucket(request, origin)


def _host(url: str) -> str:
    """A URL's host name, empty for one that cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_own(origin: str, ports: tuple[int, ...]) -> bool:
    return bool(LOOPBACK.fullmatch(_host(origin))) and origin.endswith(tuple(f":{port}" for port in ports))


def _is_public(request: Request, ports: tuple[int, ...]) -> bool:
    """Whether any page may link to this, or show it."""
    is_site = bool(SITE.fullmatch(request.host)) or request.port in ports[1:]
    is_page = (is_site and not _is_of_emulator(request)) or bool(HOSTED_PAGES.fullmatch(request.path))
    return request.method in ("GET", "HEAD") and (is_page or _is_of_api(request) or bool(_bucket(request)))


def _is_of_emulator(request: Request) -> bool:
    """Whether the emulator takes a request for itself, or for a service of AWS, on any host."""
    return request.path.startswith("/_") or "Action=" in unquote(request.query)


def _is_of_api(request: Request) -> bool:
    """Whether a request is for a stage of an API that exists. The emulator takes some other paths on any host."""
    if host := API_HOST.fullmatch(request.host):
        api, stage = host[1], request.path.lstrip("/").partition("/")[0]
    elif path := API_PATH.fullmatch(request.path):
        api, stage = path[1], path[2]
    else:
        return False
    return any(key[-1] == api and stage in stages for key, stages in apigateway_v1._stages_v1._data.items())


def _bucket(request: Request) -> str:
    """The bucket that a request is for, or nothing if it can be for another service."""
    sent = unquote(f"{request.query} {request.headers.get(b'authorization', '')}")
    is_signed = "aws4_request" in sent and "/s3/" not in sent
    if is_signed or _is_of_emulator(request) or b"x-amz-target" in request.headers:
        return ""
    if request.method == "POST" and "multipart/form-data" not in request.headers.get(b"content-type", ""):
        return ""
    name = request.host.partition(".s3.")[0] if ".s3." in request.host else request.path.lstrip("/").partition("/")[0]
    return name if any(key[-1] == name for key in s3._buckets._data) else ""


def _is_allowed_by_bucket(request: Request, origin: str) -> bool:
    """Whether the CORS rules of the bucket that a request is for allow the origin."""
    rules = s3._cors_rules(_bucket(request)) or []
    allowed = [pattern for rule in rules for pattern in rule.get("AllowedOrigin", [])]
    return any(s3._cors_pattern_matches(pattern, origin) for pattern in allowed)
