"""The console answers only its own page, and changes something only by a POST of JSON."""

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from local.console.server import HEADERS, PAGE, serve
from local.emulator import free_port
from local.errors import UserError
from local.recorder.recordings import Recordings
from tests.local.recorder.records import call


class StubViews:
    """Views that note what they were asked for."""

    def __init__(self):
        self.recordings = Recordings()
        self.changes = []
        self.run = "this run"

    def flow(self):
        return {"nodes": [], "edges": []}

    def news(self, since):
        number, records = self.recordings.since(since)
        return number, [{"id": it.id} for it in records]

    def order(self, customer, id_):
        return [customer, id_]

    def record(self, id_):
        raise UserError(f"there is no record {id_}")

    def items(self, table):
        raise OSError("the emulator is gone")

    def invoke(self, content):
        self.changes.append(content)
        return {"returned": "1"}

    def messages(self, queue):
        raise KeyError("odd")

    orders = functions = permissions = data = replay = redrive = discard = invoke


@pytest.fixture(scope="module")
def views():
    return StubViews()


@pytest.fixture(scope="module")
def port(views):
    port = free_port()
    serve(views, port)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.02)
    raise AssertionError("the console did not start")


@pytest.fixture(scope="module")
def client(port):
    with httpx.Client(base_url=f"http://localhost:{port}", trust_env=False) as client:
        yield client


def test_the_page_has_a_strict_policy_and_no_cors(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert "<h1" not in answer.text  # all content comes from scripts
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= dict(answer.headers).items()
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    for path in ("/", "/console.js", "/app.css", "/data/flow", "/none"):
        assert not [name for name in client.get(path).headers if name.startswith("access-control")]


def test_the_page_needs_no_other_host():
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path
        assert "innerHTML" not in text, path


@pytest.mark.parametrize("path", ["/", "/data/flow", "/events", "/console.js"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Host": "localhost:1"},
        {"Host": "evil.localhost:{port}"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": "https://localhost:{port}"},
        {"Origin": "http://localhost:{port}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_others_are_refused(client, port, path, headers):
    sent = {name: value.replace("{port}", str(port)) for name, value in headers.items()}
    assert client.get(path, headers=sent).status_code == 403


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:{port}"])
def test_its_own_page_is_served(client, port, host):
    host = host.replace("{port}", str(port))
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert client.get("/data/flow", headers=headers).json() == {"nodes": [], "edges": []}


@pytest.mark.parametrize("name", ["invoke", "replay", "redrive", "discard"])
def test_only_a_post_of_json_changes_anything(client, views, name):
    views.changes.clear()
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        assert client.request(method, f"/{name}").status_code in (404, 405)
    assert client.post(f"/{name}", data={"a": "1"}).status_code == 415
    assert client.post(f"/{name}", content="{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post(f"/{name}", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
    for content in ("", "{", "[]", "1", b"\xff"):
        answer = client.post(f"/{name}", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()) == (400, {"error": "The body must be a JSON object."})
    assert views.changes == []
    assert client.post(f"/{name}", json={"a": 1}).json() == {"returned": "1"}
    assert views.changes == [{"a": 1}]


def test_data_cannot_be_changed_by_a_post(client):
    assert client.post("/data/flow", json={}).status_code == 405


@pytest.mark.parametrize("path", ["/../server.py", "/..%2fserver.py", "/%2e%2e/server.py", "//etc/passwd", "/views.py"])
def test_no_other_files_are_served(client, path):
    assert client.get(path).status_code in (404, 405)


def test_errors_are_told(client):
    assert client.get("/data/records/7").json() == {"error": "there is no record 7"}
    answer = client.get("/data/items?table=x")
    assert (answer.status_code, answer.json()) == (502, {"error": "the emulator is gone"})
    answer = client.get("/data/messages")
    assert (answer.status_code, answer.json()) == (500, {"error": "KeyError: 'odd'"})


def test_ids_may_have_any_characters(client):
    assert client.get("/data/order", params={"customer": "a/b é", "id": "a.b_c-d"}).json() == ["a/b é", "a.b_c-d"]


def test_events_are_streamed_as_they_happen(client, views):
    with client.stream("GET", "/events", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        assert json.loads(next(lines).removeprefix("data: ")) == {"run": "this run", "number": 0, "moves": []}
        threading.Timer(0.2, lambda: views.recordings.add(call(1))).start()
        news = next(line for line in lines if line.startswith("data: "))
        assert json.loads(news.removeprefix("data: ")) == {"run": "this run", "number": 1, "moves": [{"id": 1}]}


def test_there_are_no_web_sockets(port):
    with pytest.raises((WebSocketException, OSError)), connect(f"ws://127.0.0.1:{port}/events", open_timeout=5):
        pass


def test_many_pages_can_be_open(port, views):
    async def first(client):
        async with client.stream("GET", "/events", timeout=20) as answer:
            async for line in answer.aiter_lines():
                if '"moves":[{' in line:
                    return line
        return ""

    async def all_pages():
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", trust_env=False, limits=httpx.Limits()) as it:
            pages = [asyncio.create_task(first(it)) for _ in range(50)]
            await asyncio.sleep(1)
            views.recordings.add(call(2))
            return await asyncio.gather(*pages)

    with ThreadPoolExecutor(1) as thread:  # the tests in Chromium have a loop in this one
        assert all(thread.submit(asyncio.run, all_pages()).result())


def test_a_port_that_is_taken_is_told(port, views):
    with pytest.raises(UserError, match=f"port {port} cannot be used"):
        serve(views, port)
