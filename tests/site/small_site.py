"""A server of the site's files and a minimal API that can go down, respond slowly or drop its responses."""

import base64
import contextlib
import hashlib
import json
import mimetypes
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from components.static_site.distribution import CONTENT_SECURITY_POLICY

PUBLIC = Path(__file__).parent.parent.parent / "site" / "public"
NOT_LISTED = re.compile(r"/(api[^/]*|openapi\.json|service-worker\.js|precache\.json)")
POLICY = f"{CONTENT_SECURITY_POLICY}; connect-src 'self'; img-src 'self'"
HEADERS = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


class SmallSite:
    """The served files and the fake API, which can be changed at any time, and the recorded requests."""

    def __init__(self, url):
        self.url = url
        self.files = {f"/{path.relative_to(PUBLIC).as_posix()}": path.read_bytes() for path in _files()}
        self.files["/"] = self.files.pop("/index.html")
        self.files["/api.json"] = json.dumps(
            {
                "api": {"apiUrl": "/dev/"},
                "auth": {"clientId": "c", "cognitoUrl": f"{url}/cognito", "hostedPagesUrl": url},
            }
        ).encode()
        self.headers = dict(HEADERS)
        self.is_up = True
        self.loses_answers = False
        self.refusals = {}  # status and detail by "POST /dev/orders"
        self.delays = {}  # seconds, by path
        self.gates = {}  # by path, a `threading.Event` to wait for before responding
        self.menu = [{"soldOut": False, "options": [], **item} for item in json.loads(self.files["/menu.json"])]
        self.orders = {}  # by id
        self.asked = []  # "POST /dev/orders"
        self.sent = []  # content type and body of each response; the body is empty if the browser had it cached
        self.list_files()

    def list_files(self):
        """Rewrite `/precache.json`, as publishing does."""
        listed = {path: _digest(body) for path, body in self.files.items() if not NOT_LISTED.fullmatch(path)}
        self.version = _digest(json.dumps(listed, sort_keys=True).encode())
        self.files["/precache.json"] = json.dumps({"version": self.version, "files": listed}).encode()

    def publish(self, path, old, new):
        """Publish a new version of the site with a text replaced in one file."""
        assert old.encode() in self.files[path], f"{old!r} is not in {path}"
        self.files[path] = self.files[path].replace(old.encode(), new.encode())
        self.list_files()

    def count(self, request):
        return self.asked.count(request)

    def answer(self, method, path, body):
        """The response's status, content type and body."""
        if method == "GET" and path in self.files:
            return 200, mimetypes.guess_type(path)[0] or "text/html", self.files[path]
        status, value = self._api(method, path, body)
        return status, "application/json" if status < 400 else "application/problem+json", json.dumps(value).encode()

    def _api(self, method, path, body):
        if refusal := self.refusals.get(f"{method} {path}"):
            status, detail = refusal
            return status, {"status": status, "detail": detail}
        match method, path.split("/")[1:]:
            case "POST", ["dev", "authenticate"]:
                return 200, _tokens(body.get("refreshToken") or body["username"].split("@")[0])
            case "POST", ["cognito"]:
                return 200, {}
            case "POST", ["dev", "guests"]:
                return 201, {"token": "x.guest.x", "customer": "guest-0", "expiresIn": 3600, "tokenType": "Bearer"}
            case "GET", ["dev", "menu"]:
                return 200, {"currency": "EUR", "taxPercent": 0, "items": self.menu}
            case "GET", ["dev", "cafe"]:
                return 200, {"open": True, "timeZone": "UTC", "waiting": 0, "minutes": None}
            case "GET", ["dev", "orders"]:
                return 200, sorted(self.orders.values(), key=lambda order: order["_createdAt"], reverse=True)
            case "POST", ["dev", "orders"]:
                return self._place(body)
            case "GET", ["dev", "orders", _, id_] if id_ in self.orders:
                return 200, self.orders[id_]
        return 404, {"status": 404, "detail": "There is no such thing."}

    def _place(self, body):
        stored = self.orders.get(body["id"])
        if stored:
            return (200, stored) if stored["items"] == body["items"] else (409, {"status": 409, "detail": "Taken."})
        order = {"customer": "ann", **body, "status": "accepted", "_createdAt": int(time.time() * 1000)}
        self.orders[body["id"]] = order
        return 201, order


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # browsers ignore ETags of older versions

    def handle_one_request(self):
        if self.server.site.is_up:
            super().handle_one_request()

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def _answer(self):
        site, path = self.server.site, self.path.split("?")[0]
        path = "/" if path == "/index.html" else path
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        site.asked.append(f"{self.command} {path}")
        time.sleep(site.delays.get(path, 0))
        if gate := site.gates.get(path):
            gate.wait()
        status, content_type, answer = site.answer(self.command, path, body)
        if site.loses_answers and path.startswith("/dev/"):
            self.close_connection = True
            return
        tag = f'"{_digest(answer)}"'
        if status == 200 and self.headers["If-None-Match"] == tag:
            status, answer = 304, b""
        site.sent.append((content_type, answer))
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        for name, value in site.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the page was closed
            self.wfile.write(answer)

    def log_message(self, *args):
        """Log nothing."""


@contextmanager
def small_site():
    """A running `SmallSite` on its own port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.site = SmallSite(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.site
        finally:
            server.shutdown()
            thread.join()


def _files():
    return [path for path in PUBLIC.rglob("*") if path.is_file()]


def _digest(body):
    return hashlib.sha256(body).hexdigest()


def _tokens(customer):
    """Tokens in the format that the pages read. No signature is checked."""
    claims = base64.urlsafe_b64encode(json.dumps({"username": customer}).encode()).decode().rstrip("=")
    token = f"x.{claims}.x"
    return {"token": token, "accessToken": token, "refreshToken": customer, "expiresIn": 3600}
