"""Publishing to an event API."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from lambdas.runtime.event_api import PATIENCE_SECONDS, EventApi, NotPublished

HOST = "abc.appsync-api.eu-central-1.amazonaws.com"


class Server:
    """A stand-in for an event API: remembers requests, and answers as told."""

    def __init__(self):
        self.requests = []
        self.status, self.answer = 200, {"failed": [], "successful": []}
        self.go_on = Event()
        self.go_on.set()
        self.drips = False
        self.hangs_up = False

    def channels(self):
        """The requests' channels and events, sorted: several are sent at once."""
        bodies = sorted((body for _, body in self.requests), key=json.dumps)
        return [(body["channel"], [json.loads(event) for event in body["events"]]) for body in bodies]


@contextmanager
def serving(server: Server) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if server.hangs_up:
                server.hangs_up, self.close_connection = False, True
                return
            server.requests.append((self.headers, json.loads(body)))
            server.go_on.wait(30)
            content = json.dumps(server.answer).encode()
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for byte in content:
                self.wfile.write(bytes([byte]))
                if server.drips:
                    Event().wait(0.3)  # not `time.sleep`, which other tests patch

        def log_message(self, *arguments: object) -> None:
            """Do not log."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}/event"
        finally:
            server.go_on.set()
            listener.shutdown()
            thread.join()


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def api(server):
    with serving(server) as url:
        yield EventApi(HOST, url)


def test_requests_are_signed_for_the_apis_host(api, server):
    api.publish({"/orders/board": [{"order": {"id": "7"}}]})

    [(headers, _)] = server.requests
    assert headers["Host"] == HOST
    assert "/eu-central-1/appsync/aws4_request" in headers["Authorization"]
    assert "host" in headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")


def test_a_request_has_at_most_five_events_of_one_channel_in_order(api, server):
    events = [{"order": {"id": str(number)}} for number in range(7)]

    api.publish({"/orders/board": events, "/orders/customers/ann": events[:1], "/orders/customers/bob": []})

    assert server.channels() == [
        ("/orders/board", events[:5]),
        ("/orders/board", events[5:]),
        ("/orders/customers/ann", events[:1]),
    ]


def test_nothing_to_publish_sends_nothing(api, server):
    api.publish({})

    assert server.requests == []


def test_texts_arrive_unharmed(api, server):
    event = {"order": {"items": [{"name": 'Café "<crème>" \u2028 \\ 🥐'}]}}

    api.publish({"/orders/board": [event]})

    assert server.channels() == [("/orders/board", [event])]


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refusal_is_reported(api, server, status):
    server.status = status

    with pytest.raises(NotPublished, match=rf"2 of 2 requests failed: status {status}"):
        api.publish({"/orders/board": [{}], "/orders/customers/ann": [{}]})


def test_events_that_were_refused_one_by_one_are_reported(api, server):
    server.answer = {"failed": [{"index": 0, "code": 400}], "successful": []}

    with pytest.raises(NotPublished, match="1 of 1 requests failed: events were refused"):
        api.publish({"/orders/board": [{}]})


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "a byte now and then"])
def test_a_slow_api_costs_at_most_a_second(api, server, drips):
    server.drips = drips
    if not drips:
        server.go_on.clear()
    started = time.monotonic()

    with pytest.raises(NotPublished, match="20 of 20 requests failed"):
        api.publish({f"/orders/customers/{number}": [{}] for number in range(20)})

    assert time.monotonic() - started < PATIENCE_SECONDS + 0.5


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "a byte now and then"])
def test_a_slow_api_gets_a_pause_and_then_a_new_start(api, server, monkeypatch, drips):
    server.drips = drips
    if not drips:
        server.go_on.clear()
    with pytest.raises(NotPublished, match="requests failed"):
        api.publish({f"/orders/customers/{number}": [{}] for number in range(8)})
    server.drips = False
    server.go_on.set()
    started = time.monotonic()

    with pytest.raises(NotPublished, match="too slow in the last 30 s"):
        api.publish({"/orders/board": [{}]})
    api.publish({})
    assert time.monotonic() - started < 0.1
    monkeypatch.setattr("lambdas.runtime.event_api.time.monotonic", lambda: started + 31)
    api.publish({"/orders/board": [{}]})


def test_a_connection_that_was_closed_meanwhile_costs_no_event(api, server):
    api.publish({"/orders/board": [{"order": {"id": "1"}}]})
    server.hangs_up = True

    api.publish({"/orders/board": [{"order": {"id": "2"}}]})

    assert ("/orders/board", [{"order": {"id": "2"}}]) in server.channels()


def test_an_absent_api_is_reported(server):
    with serving(server) as url:
        api = EventApi(HOST, url)

    with pytest.raises(NotPublished, match="EndpointConnectionError"):
        api.publish({"/orders/board": [{}]})


def test_an_unreadable_answer_is_reported(api, server):
    server.answer = "?"

    with pytest.raises(NotPublished, match="AttributeError"):
        api.publish({"/orders/board": [{}]})
