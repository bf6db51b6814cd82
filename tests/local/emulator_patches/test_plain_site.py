"""The emulator patch that serves the site at `http://localhost` too. A browser tries it in tests/site."""

import asyncio

import pytest

from local.emulator_patches import plain_site
from local.emulator_patches.plain_site import Names, serve_plain_site

PORT, PLAIN_PORT = 4000, 4001
NAMES = Names("it.cloudfront.localhost:4000", "live.appsync.localhost:4000", "localhost:4001")
FORM = (b"content-type", b"application/x-www-form-urlencoded")


@pytest.fixture
def ask(monkeypatch):
    """Sends a request through the patch. Returns what the application got, and what came back."""
    monkeypatch.setattr(plain_site.Names, "find", lambda *_: NAMES)

    def ask(port, *, path="/", query=b"", headers=(), body=b"", answer=(b"text/html", b"")):
        got, sent = {}, []

        async def app(scope, receive, send):
            message = await receive()
            got.update(scope, body=message["body"], then=(await receive())["type"])
            await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", answer[0])]})
            await send({"type": "http.response.body", "body": answer[1]})

        messages = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])

        async def receive():
            return next(messages)

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "server": ("127.0.0.1", port), "path": path, "query_string": query}
        served = serve_plain_site(app, PORT, PLAIN_PORT)
        asyncio.run(served({**scope, "headers": [(b"host", b"localhost"), *headers]}, receive, send))
        return got, sent

    return ask


@pytest.mark.parametrize("body", [b"", b"Action=ListTopics", "name=Zoë".encode()])
def test_other_requests_pass_as_they_are(ask, body):
    got, _ = ask(PORT, headers=[FORM], body=body, query=b"a=b")

    assert (got["body"], got["query_string"], got["then"]) == (body, b"a=b", "http.disconnect")
    assert dict(got["headers"])[b"host"] == b"localhost"


@pytest.mark.parametrize(("path", "host"), [("/api.json", NAMES.site), ("/event/realtime", NAMES.live)])
def test_the_plain_port_has_the_site_and_live_updates(ask, path, host):
    got, _ = ask(PLAIN_PORT, path=path, headers=[(b"origin", b"http://localhost:4001")])

    assert dict(got["headers"])[b"host"] == host.encode()
    assert dict(got["headers"])[b"origin"] == b"http://it.cloudfront.localhost:4000"


def test_addresses_in_forms_and_queries_are_those_of_the_program(ask):
    form = b"redirect_uri=http%3A%2F%2Flocalhost%3A4001%2F&code=it"

    got, _ = ask(PORT, headers=[FORM, (b"content-length", b"%d" % len(form))], body=form, query=form)

    real = b"redirect_uri=http%3A%2F%2Fit.cloudfront.localhost%3A4000%2F&code=it"
    assert (got["body"], got["query_string"]) == (real, real)
    assert dict(got["headers"])[b"content-length"] == b"%d" % len(real)


def test_addresses_in_answers_are_plain(ask):
    settings = (
        b'{"url": "ws://live.appsync.localhost:4000/event/realtime", "site": "http://it.cloudfront.localhost:4000"}'
    )

    _, [start, body] = ask(PLAIN_PORT, answer=(b"application/json", settings))

    assert body["body"] == b'{"url": "ws://localhost:4001/event/realtime", "site": "http://localhost:4001"}'
    assert dict(start["headers"])[b"content-length"] == b"%d" % len(body["body"])


def test_pictures_are_sent_as_they_come(ask):
    _, [_, body] = ask(PLAIN_PORT, answer=(b"image/png", b"http://it.cloudfront.localhost:4000"))

    assert body["body"] == b"http://it.cloudfront.localhost:4000"
