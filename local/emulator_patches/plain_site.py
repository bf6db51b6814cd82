"""Serves the site at `http://localhost:PORT` too, for what does not resolve `*.localhost`: Safari, WSL and programs.

On its own port, the site has its address as in the outputs, rewritten in what a page sends and gets: the settings, the
security policy, redirects of the hosted sign-in, and the origin that buckets and the user pool allow. Live updates have
the path `/event` there.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote_plus

from ministack.services import appsync_events, cloudfront

Scope = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]

FORM = b"application/x-www-form-urlencoded"
TEXT = (b"application/json", b"text/html")
"""Types of responses that can have addresses."""

LIVE = "/event"


def serve_plain_site(app: App, port: int, plain_port: int) -> App:
    """The application, with the site of its distribution on the second port."""

    async def serve(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or not (names := Names.find(port, plain_port)):
            await app(scope, receive, send)
            return
        at_plain = scope["server"][1] == plain_port != port
        headers = dict(scope["headers"])
        body = b""
        if FORM in headers.get(b"content-type", b""):
            body = await _body(receive)
            receive = _first(names.real(body), receive)
        sent = b" ".join([scope.get("query_string", b""), headers.get(b"origin", b""), body])
        if not at_plain and names.real(sent) == sent:
            await app(scope, receive, send)  # its body is what was sent, too
            return
        host = names.live if scope["path"].startswith(LIVE) else names.site
        changed = {name: names.real(value) for name, value in headers.items() if name in (b"origin", b"referer")}
        if at_plain:
            changed[b"host"] = host.encode()
        if body:
            changed[b"content-length"] = str(len(names.real(body))).encode()
        query = names.real(scope.get("query_string", b""))
        rewritten = [(name, changed.get(name, value)) for name, value in scope["headers"]]
        await app({**scope, "headers": rewritten, "query_string": query}, receive, _Answer(names, send))

    return serve


class Names:
    """The addresses of the site and of live updates, as the program has them and on the plain port."""

    def __init__(self, site: str, live: str, plain: str) -> None:
        self.site, self.live = site, live
        pairs = [(f"http://{plain}", f"http://{site}")]
        self._to_real = [*pairs, *((quote_plus(a), quote_plus(b)) for a, b in pairs)]
        self._to_plain = [*((b, a) for a, b in self._to_real), (f"ws://{live}", f"ws://{plain}")]

    @classmethod
    def find(cls, port: int, plain_port: int) -> "Names | None":
        """The addresses of the only distribution and its event API, or `None` before there is one."""
        domains = [distribution["DomainName"] for distribution in cloudfront._distributions.values()]
        if not domains:
            return None
        label = domains[0].partition(".")[0]
        lives = [api["dns"]["REALTIME"] for api in appsync_events._apis.values()]
        return cls(f"{label}.cloudfront.localhost:{port}", next(iter(lives), ""), f"localhost:{plain_port}")

    def real(self, text: bytes) -> bytes:
        """Text with the program's addresses."""
        return _replaced(text, self._to_real)

    def plain(self, text: bytes) -> bytes:
        """Text with the addresses on the plain port."""
        return _replaced(text, self._to_plain)


def _replaced(text: bytes, pairs: list[tuple[str, str]]) -> bytes:
    for old, new in pairs:
        text = text.replace(old.encode(), new.encode())
    return text


class _Answer:
    """Sends a response with the plain addresses. Text is sent at once, when it is complete."""

    def __init__(self, names: Names, send: Any) -> None:
        self._names, self._send = names, send
        self._start: Scope | None = None
        self._text = b""

    async def __call__(self, message: Scope) -> None:
        if message["type"] == "http.response.start":
            headers = [(name.lower(), self._names.plain(value)) for name, value in message["headers"]]
            message = {**message, "headers": headers}
            if dict(headers).get(b"content-type", b"").startswith(TEXT):
                self._start = message
                return
        elif self._start and message["type"] == "http.response.body":
            self._text += message.get("body", b"")
            if message.get("more_body"):
                return
            text = self._names.plain(self._text)
            length = [(b"content-length", str(len(text)).encode())]
            kept = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
            await self._send({**self._start, "headers": kept + length})
            message = {**message, "body": text}
        await self._send(message)


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _first(body: bytes, rest: Any) -> Any:
    """Receives a body that has been read already, and then the rest, such as the end of the connection."""
    waiting = [body]

    async def receive() -> Any:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await rest()

    return receive
