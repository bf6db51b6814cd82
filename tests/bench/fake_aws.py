"""A fake AWS on a loopback port that answers every call immediately with canned data: a function's call runs its whole
client, and the benchmark measures only the function."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from lambdas.invoices.ledger import EntryKind, Head, next_entry
from lambdas.invoices.links import digest
from lambdas.invoices.models import CAFE, InvoiceStatus
from lambdas.invoices.table import to_item as invoice_item
from lambdas.orders.models import Status
from lambdas.orders.table import to_item
from lambdas.photos.table import photo_item, reservation_item
from lambdas.runtime.dynamodb_json import to_attributes
from tests.lambdas.builders import a_dish, an_order
from tests.lambdas.invoices.world import an_invoice
from tests.lambdas.photos.builders import a_photo, a_reservation
from tests.lambdas.photos.files import picture

ORDER = an_order(revision="1")
"""A new order. Everything here belongs to ann."""

PHOTO, UPLOAD = a_photo(1), a_photo(2)
"""A stored photo, and one whose file was just uploaded."""

DRAFT = an_invoice()
TOKEN = "A" * 43
SENT = an_invoice("018bcfe56800-00000000000000000002", status=InvoiceStatus.SENT, link=digest(TOKEN))
"""An invoice that the link with `TOKEN` pays."""

PAGE = 25
"""Orders in a list: one page."""

_LISTS = {
    "orders": [to_item(ORDER)] * PAGE,
    "photos": [photo_item(PHOTO)],
    "invoices": [invoice_item(SENT)],
    "ledger": [invoice_item(next_entry(Head(), EntryKind.CREATED, DRAFT, "ann"))],
    "cafe/menu": [to_attributes({**msgspec.to_builtins(a_dish()), "kind": "menu"})],
    "cafe/ready": [to_attributes({"kind": "ready", "name": "1", "seconds": 90})],
    "cafe/number": [],
}
_TOKENS = {"AccessToken": "a.b.c", "IdToken": "a.b.c", "ExpiresIn": 3600, "TokenType": "Bearer"}
_PUBLISHED = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"


def item(table: str, key: dict[str, str]) -> dict[str, Any]:
    """The item with this key, or an empty dict."""
    match table, key:
        case "orders", _:
            return to_item(ORDER)
        case "photos", {"id": "reservation"}:
            return reservation_item(a_reservation(UPLOAD))
        case "photos", {"id": PHOTO.id}:
            return photo_item(PHOTO)
        case "invoices", {"id": id, "userId": user} if user != CAFE:
            return invoice_item(SENT if id == SENT.id else DRAFT)
    return {}


def _kind(query: dict[str, Any]) -> str:
    """What a query lists: the table's items, or those of one kind in the café's table."""
    kind = query["ExpressionAttributeValues"].get(":kind", {}).get("S")
    return f"{query['TableName']}/{kind}" if kind else query["TableName"]


def answer(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """The answer of a service with a JSON protocol, by operation."""
    match operation:
        case "GetItem":
            found = item(body["TableName"], {name: value["S"] for name, value in body["Key"].items()})
            return {"Item": found} if found else {}
        case "Query":
            found = _LISTS[_kind(body)]
            return {"Items": found, "Count": len(found)}
        case "UpdateItem":
            return {"Attributes": to_item(an_order(status=Status.READY))}
        case "Sign":
            return {"Signature": base64.b64encode(encode_dss_signature(1, 1)).decode()}
        case "InitiateAuth":
            return {"AuthenticationResult": _TOKENS}
    return {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    keys = b""

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        content = json.dumps(answer(operation, json.loads(body))).encode() if operation else self._other()
        self.send_response(200)
        self.send_header("x-amz-version-id", "1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _other(self) -> bytes:
        """The answer of the JWKS endpoint, SES, S3 or SNS."""
        if self.path == "/jwks.json":
            return self.keys
        if self.path.startswith("/v2/"):
            return b'{"MessageId": "1"}'
        return {"GET": picture(), "POST": _PUBLISHED}.get(self.command, b"")

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


@contextmanager
def fake_aws(keys: dict[str, Any]) -> Iterator[str]:
    """The address of a running fake AWS. It serves `keys`, the user pool's, at `/jwks.json`."""
    handler = type("Handler", (_Handler,), {"keys": json.dumps(keys).encode()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
