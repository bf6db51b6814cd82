"""The page's polling without live updates: one request at a time, with growing pauses, not while hidden, and with
ETags."""

import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.site.steps import HIDE, ORDERS, orders, place_order, put_in_cart, until

pytestmark = pytest.mark.long


@pytest.fixture
def page(deaf_page):
    return deaf_page


class Traffic:
    """Records the requests for lists of orders: their start times, headers and statuses, and the maximum in flight."""

    def __init__(self, context):
        self.started = []
        self.headers = []
        self.statuses = []
        self.in_flight = self.max_in_flight = 0
        context.on("request", self._begin)
        # Not `requestfinished`: a browser may report it after the next request.
        context.on("response", lambda response: self._end(response.request))
        context.on("requestfailed", self._end)

    def _is_list(self, request):
        return request.method == "GET" and request.url.partition("?")[0].endswith("/orders")

    def _begin(self, request):
        if self._is_list(request):
            self.started.append(time.monotonic())
            self.headers.append(request.headers)
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def _end(self, request):
        if self._is_list(request):
            self.in_flight -= 1
            response = request.response()
            self.statuses.append(response and response.status)


@pytest.fixture
def traffic(page):
    return Traffic(page.context)


@pytest.fixture
def slow_kitchen(page):
    """Serves a list with an order that is never accepted, so that the page keeps polling."""
    item = {"name": "Espresso", "type": "coffee", "qty": 1}
    order = {"id": "1", "customer": "me", "status": "created", "items": [item], "_createdAt": int(time.time() * 1000)}
    page.context.route(ORDERS, lambda route: route.fulfill(json=[order]))


def quiet(page, traffic):
    """Wait until no request is queued or in flight. Returns the number of requests so far."""
    (worker,) = page.workers
    worker.evaluate("null")  # runs after the page's earlier messages to its worker, and the requests that they cause
    until(page, lambda: traffic.in_flight == 0)
    return len(traffic.started)


@pytest.mark.usefixtures("slow_kitchen")
def test_pauses_grow(page, customer, sign_in, traffic):
    sign_in(page, customer)
    until(page, lambda: len(traffic.started) >= 3)
    pauses = [later - earlier for earlier, later in pairwise(traffic.started)]
    assert pauses[1] > 1.5 * pauses[0]


def test_at_most_one_request_is_in_flight(page, customer, sign_in, traffic):
    """Even if responses take longer than the pause between polls and the user presses Refresh."""

    def respond_slowly(route):
        time.sleep(0.4)
        route.continue_()

    page.context.route(ORDERS, respond_slowly)
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    page.locator("#place-order-btn-wc").click()
    refresh = page.get_by_role("button", name="Refresh")
    for _ in range(5):
        refresh.click()
    until(page, lambda: len(traffic.statuses) >= 2)
    assert traffic.max_in_flight == 1


def test_a_refresh_is_not_lost_when_a_response_is_on_its_way(page, customer, sign_in, traffic):
    """The response says that nothing can change, but it is from before."""
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    requests = quiet(page, traffic)
    held = []
    page.context.route(ORDERS, lambda route: held.append(route))
    page.get_by_role("button", name="Refresh").click()
    until(page, lambda: len(held) == 1)
    page.context.unroute(ORDERS)
    page.get_by_role("button", name="Refresh").click()
    page.evaluate("null")  # the click has been handled

    held[0].continue_()

    until(page, lambda: len(traffic.started) == requests + 2)


@pytest.mark.usefixtures("slow_kitchen")
def test_a_hidden_page_does_not_poll(page, customer, sign_in, traffic):
    sign_in(page, customer)
    until(page, lambda: len(traffic.started) >= 1)
    page.evaluate(HIDE, True)
    requests = quiet(page, traffic)
    page.wait_for_timeout(4000)
    assert len(traffic.started) == requests
    page.evaluate(HIDE, False)
    until(page, lambda: len(traffic.started) > requests)


def test_an_unchanged_list_is_a_304(page, customer, sign_in, traffic):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    until(page, lambda: traffic.in_flight == 0)
    traffic.statuses.clear()
    page.get_by_role("button", name="Refresh").click()
    until(page, lambda: traffic.statuses)
    assert "if-none-match" in traffic.headers[-1]
    assert traffic.statuses[-1] == 304
    expect(orders(page)).to_contain_text("Accepted")


def test_signing_out_stops_polling(page, customer, sign_in, traffic):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("caffe-account").get_by_role("button", name="Sign in")).to_be_visible()
    requests = quiet(page, traffic)
    page.wait_for_timeout(2000)
    assert len(traffic.started) == requests
