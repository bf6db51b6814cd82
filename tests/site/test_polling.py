"""How the page asks for news: one request at a time, ever more seldom, not when nobody looks, nothing twice."""

import time
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.site.steps import ORDERS, orders, place_order, put_in_cart, until

pytestmark = pytest.mark.long

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
"""A browser without a window hides no page; this is what a page sees of it."""


class Traffic:
    """The requests for lists of orders: when each began, how many were under way at most, what they carried."""

    def __init__(self, context):
        self.begun = []
        self.headers = []
        self.statuses = []
        self.under_way = self.most = 0
        context.on("request", self._begin)
        # Not when it has finished: a browser may tell that after the request that comes next.
        context.on("response", lambda response: self._end(response.request))
        context.on("requestfailed", self._end)

    def _is_list(self, request):
        return request.method == "GET" and request.url.partition("?")[0].endswith("/orders")

    def _begin(self, request):
        if self._is_list(request):
            self.begun.append(time.monotonic())
            self.headers.append(request.headers)
            self.under_way += 1
            self.most = max(self.most, self.under_way)

    def _end(self, request):
        if self._is_list(request):
            self.under_way -= 1
            response = request.response()
            self.statuses.append(response and response.status)


@pytest.fixture
def traffic(page):
    return Traffic(page.context)


@pytest.fixture
def slow_kitchen(page):
    """The list shows an order that nobody accepts: there is always something to wait for."""
    item = {"name": "Espresso", "type": "coffee", "qty": 1}
    order = {"id": "1", "customer": "me", "status": "created", "items": [item], "_createdAt": int(time.time() * 1000)}
    page.context.route(ORDERS, lambda route: route.fulfill(json=[order]))


def quiet(page, traffic):
    """Waits until all that the page has asked for was asked and answered; how often it has asked so far."""
    (worker,) = page.workers
    worker.evaluate("null")  # comes after what the page has told its worker before, and the requests that this makes
    until(page, lambda: traffic.under_way == 0)
    return len(traffic.begun)


@pytest.mark.usefixtures("slow_kitchen")
def test_pauses_grow(page, customer, sign_in, traffic):
    sign_in(page, customer)
    until(page, lambda: len(traffic.begun) >= 6)
    pauses = [later - earlier for earlier, later in pairwise(traffic.begun)]
    assert pauses[4] > 1.5 * pauses[1]


def test_two_requests_are_never_under_way_at_once(page, customer, sign_in, traffic):
    """Also when answers take longer than the pause before the next question, and somebody presses the button."""

    def dawdle(route):
        time.sleep(0.4)
        route.continue_()

    page.context.route(ORDERS, dawdle)
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    page.locator("#place-order-btn-wc").click()
    refresh = page.get_by_role("button", name="Refresh")
    for _ in range(5):
        refresh.click()
    until(page, lambda: len(traffic.statuses) >= 4)
    assert traffic.most == 1


@pytest.mark.usefixtures("slow_kitchen")
def test_nobody_asks_while_nobody_looks(page, customer, sign_in, traffic):
    sign_in(page, customer)
    until(page, lambda: len(traffic.begun) >= 3)
    page.evaluate(HIDE, True)
    asked = quiet(page, traffic)
    page.wait_for_timeout(3000)
    assert len(traffic.begun) == asked
    page.evaluate(HIDE, False)
    until(page, lambda: len(traffic.begun) > asked)


def test_what_did_not_change_is_not_sent_again(page, customer, sign_in, traffic):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    until(page, lambda: traffic.under_way == 0)
    traffic.statuses.clear()
    page.get_by_role("button", name="Refresh").click()
    until(page, lambda: traffic.statuses)
    assert "if-none-match" in traffic.headers[-1]
    assert traffic.statuses[-1] == 304
    expect(orders(page)).to_contain_text("Accepted")


def test_signing_out_ends_the_asking(page, customer, sign_in, traffic):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("caffe-account").get_by_role("button", name="Sign in")).to_be_visible()
    asked = quiet(page, traffic)
    page.wait_for_timeout(2000)
    assert len(traffic.begun) == asked
