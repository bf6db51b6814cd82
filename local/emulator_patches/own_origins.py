"""Protects the emulator from pages that are not the run's own.

Who can reach the emulator's port can do anything there: its root credentials are known, and it can be reset without
any. So could every page that is open in a browser on this machine, and every host name that resolves to it ("DNS
rebinding"). This patch answers only requests for loopback names, and of browsers only those from the run's own pages.
Others may call API Gateway, as on AWS, and use buckets as far as their CORS rules allow.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from ministack.services import s3

App = Callable[[Any, Any, Any], Awaitable[None]]

LOOPBACK = re.compile(r"(?:[a-z0-9_.-]+\.)?localhost|127(?:\.\d{1,3}){3}|::1")
API = re.compile(r"[0-9a-f]{8}\.execute-api\.localhost")
API_PATH = "/_aws/execute-api/"

MESSAGE = b'{"message": "The emulator answers only this machine, and only pages of this run."}'


def refuse_foreign_origins(app: App, *ports: int) -> App:
    """The application without requests of other pages. `ports` are those of the run's own addresses."""

    async def checked(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or _is_allowed(scope, ports):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(MESSAGE)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": MESSAGE})

    return checked


def _is_allowed(scope: Any, ports: tuple[int, ...]) -> bool:
    sent = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host, path = _host(f"//{sent.get(b'host', '')}"), scope["path"]
    if not LOOPBACK.fullmatch(host):
        return False
    origin = sent.get(b"origin")
    if origin is None or API.fullmatch(host) or path.startswith(API_PATH):
        return True
    return _is_own(origin, ports) or _is_allowed_by_bucket(host, path, origin)


def _host(url: str) -> str:
    """A URL's host name, empty for one that cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_own(origin: str, ports: tuple[int, ...]) -> bool:
    return bool(LOOPBACK.fullmatch(_host(origin))) and origin.endswith(tuple(f":{port}" for port in ports))


def _is_allowed_by_bucket(host: str, path: str, origin: str) -> bool:
    """Whether the CORS rules of the bucket that a request is for allow the origin."""
    bucket = host.partition(".s3.")[0] if ".s3." in host else path.lstrip("/").partition("/")[0]
    rules = s3._cors_rules(bucket) or []
    allowed = [pattern for rule in rules for pattern in rule.get("AllowedOrigin", [])]
    return any(s3._cors_pattern_matches(pattern, origin) for pattern in allowed)
