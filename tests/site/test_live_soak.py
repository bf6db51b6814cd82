"""Screens end with the truth of the table, whatever happens to the live updates.

The event API fails half of the time that it is published to: it refuses, hangs up, or responds too late. The screens'
connections are killed at random. `SOAK_ORDERS` sets the number of orders.
"""

import os
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import expect

from tests.local.conftest import eventually, running_cafe

pytestmark = pytest.mark.long

ORDERS = int(os.environ.get("SOAK_ORDERS", "100"))
CLIENTS = 6
KEPT_OPEN = 0.05
"""The share of orders that are not finished, so that screens have something to show."""
SECONDS_BETWEEN_KILLS = 3
COLUMNS = {"make": ["created", "accepted"], "ready": ["ready"]}
"""The board's columns, and the statuses of their orders."""
TRUTH_MS = 300_000
"""A lost event shows at the next check, after four minutes."""
LATE_SECONDS = 10


@contextmanager
def failing_event_api(port, random):
    """The URL of an event API that fails half of the time."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fate = random.random()
            if fate < 0.2:
                self.close_connection = True  # hangs up
                return
            if fate < 0.25:
                time.sleep(1.5)
            if fate < 0.5:
                self.answer(500, b"{}")
                return
            answer = httpx.post(
                f"http://127.0.0.1:{port}/event", headers=dict(self.headers), content=body, trust_env=False
            )
            self.answer(answer.status_code, answer.content)

        def answer(self, status, content):
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *arguments):
            """Do not log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/event"
        finally:
            server.shutdown()
            thread.join()


class Cables:
    """Forwards connections to the emulator, and cuts one of them now and then."""

    def __init__(self, random):
        self.random = random
        self.port = 0  # the emulator's, set once it runs
        self.open = []
        self.cut = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.stopped = threading.Event()

    @contextmanager
    def running(self):
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self.stopped.set()
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            for pair in self.open:
                self._end(pair)

    @property
    def port_of_screens(self):
        return self.listener.getsockname()[1]

    def start_cutting(self):
        threading.Thread(target=self._cut, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                self.open.append((client, server))
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    @staticmethod
    def _copy(source, target):
        with suppress(OSError):
            while content := source.recv(65_536):
                target.sendall(content)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @staticmethod
    def _end(pair):
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _cut(self):
        while not self.stopped.wait(SECONDS_BETWEEN_KILLS):
            if self.open:
                pair = self.open.pop(self.random.randrange(len(self.open)))
                self.cut += 1
                self._end(pair)


@contextmanager
def published_to(cafe, url):
    """While the block lasts, the stream's reader publishes to this URL."""
    client, name = cafe.aws.client("lambda"), cafe.outputs["dynamoLambda"]
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, "LIVE_URL": url}})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def life(cafe, customer, staff, seed):
    """Place an order and lead it to its end, or leave it open. Returns it, and the seconds until it was accepted."""
    dice = random.Random(seed)  # noqa: S311
    placed = cafe.api.post("orders", headers=customer, json={"name": "Espresso", "quantity": 1}).json()
    began = time.monotonic()
    path = f"orders/{placed['customer']}/{placed['id']}"
    eventually(lambda: cafe.api.get(path, headers=customer).json()["status"] == "accepted")
    seconds = time.monotonic() - began
    for status in ("ready", "filled"):
        if dice.random() > KEPT_OPEN:
            assert cafe.api.patch(path, headers=staff, json={"status": status}).status_code == 200
        else:
            break
    return placed["id"], seconds


def columns(page):
    """The order numbers on the board, by column."""
    return {
        column: sorted(page.locator(f"caffe-board section.{column} caffe-board-order h3").all_inner_texts())
        for column in COLUMNS
    }


@pytest.fixture(scope="module")
def cables():
    with Cables(random.Random(1)).running() as cables:  # noqa: S311
        yield cables


@pytest.fixture(scope="module")
def cafe(cables, tmp_path_factory):
    """A café whose screens connect through the cables."""
    host, ports = "{api_id}.appsync-%s.{region}.localhost:%s", {"api": "{port}", "realtime-api": cables.port_of_screens}
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in (("api", "HTTP"), ("realtime-api", "REALTIME")):
            patch.setenv(f"APPSYNC_EVENTS_{name}_HOST_TEMPLATE", host % (kind, ports[kind]))
        with running_cafe(tmp_path_factory.mktemp("soak")) as cafe:
            cables.port = cafe.port
            yield cafe


@pytest.fixture(scope="module")
def site_url(cafe):
    return cafe.outputs["webappUrl"]


def test_every_screen_ends_with_the_truth(cafe, cables, new_page, new_user, sign_in, page_errors):
    page_errors.allow("WebSocket connection to")
    dice = random.Random(2)  # noqa: S311
    customer = new_user()
    guest, staff = cafe.sign_in(customer), cafe.sign_in("sam")
    with ExitStack() as stack:
        board, screen = new_page("#board"), new_page()
        sign_in(board, "sam")
        expect(board.locator("caffe-board .live")).to_have_text("Live")
        # A page with nothing open hears nothing.
        cafe.api.post("orders", headers=guest, json={"name": "Croissant", "quantity": 1}).raise_for_status()
        sign_in(screen, customer)
        expect(screen.locator("caffe-order-history .live")).to_have_text("Live")
        stack.enter_context(published_to(cafe, stack.enter_context(failing_event_api(cafe.port, dice))))

        cables.start_cutting()
        with ThreadPoolExecutor(CLIENTS) as clients:
            lives = clients.map(lambda number: life(cafe, guest, staff, number), range(ORDERS))
            # The browser's events are processed meanwhile.
            while clients._work_queue.qsize():
                board.wait_for_timeout(200)
            orders = dict(lives)
        kills = cables.cut

        late = sorted(orders.values())[int(ORDERS * 0.99)]
        assert late < LATE_SECONDS
        assert kills
        truth = {
            column: sorted(f"No. {order['number']}" for status in statuses for order in listed(cafe, staff, status))
            for column, statuses in COLUMNS.items()
        }
        wait_for(board, lambda: columns(board) == truth, lambda: (columns(board), truth))
        newest = cafe.api.get("orders", headers=guest).json()
        expected = [(order["id"], order["status"]) for order in newest]
        wait_for(screen, lambda: shown(screen)[: len(expected)] == expected, lambda: (shown(screen), expected))


def listed(cafe, staff, status):
    """All orders in a status."""
    found, url = [], f"orders?status={status}&limit=100"
    while url:
        answer = cafe.api.get(url, headers=staff)
        found += answer.json()
        url = answer.links.get("next", {}).get("url")
    return found


def shown(page):
    """The IDs and statuses of a customer's orders, newest first."""
    entries = page.locator("caffe-order-history-item")
    found = entries.evaluate_all("all => all.map((it) => [it.getAttribute('id'), it.getAttribute('status')])")
    return [tuple(each) for each in found]


def wait_for(page, condition, details):
    """Wait until a check has found what was lost."""
    end = time.monotonic() + TRUTH_MS / 1000
    while not condition():
        assert time.monotonic() < end, details()
        page.wait_for_timeout(500)
