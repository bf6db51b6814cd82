"""Live updates in the browser: changes show without being asked for."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.site.steps import HIDE, orders, place_order, put_in_cart, sign_in_form, until

pytestmark = pytest.mark.long

LOCKS = """async () => {
  const {held, pending} = await navigator.locks.query();
  return [held, pending].map((locks) => locks.filter(({name}) => name.startsWith('live/')).length);
}"""
"""The connections, and the tabs that wait for one to end."""


class Requests:
    """The requests of a context to the API."""

    def __init__(self, context):
        self.made = []
        context.on("request", lambda it: self.made.append(it) if "/dev/" in it.url else None)

    def lists(self):
        return [it for it in self.made if it.method == "GET" and it.url.partition("?")[0].endswith("/orders")]


def latest(page):
    return orders(page).first


def live(page):
    return page.locator("caffe-order-history .live")


@pytest.fixture
def staff(cafe):
    return cafe.sign_in("sam")


@pytest.fixture
def move(cafe, staff, page):
    """Moves the latest order of a page to a status, as staff."""

    def move(page, status):
        entry = latest(page)
        path = f"orders/{entry.get_attribute('customer')}/{entry.get_attribute('id')}"
        answer = cafe.api.patch(path, headers=staff, json={"status": status})
        assert answer.status_code == 200, answer.text

    return move


@pytest.fixture
def board(new_page, sign_in):
    page = new_page("#board")
    sign_in(page, "sam")
    expect(page.locator("caffe-board .live")).to_have_text("Live")
    expect(page.get_by_role("region", name="To make")).to_be_visible()  # all orders are loaded
    return page


def ordered(page, item="Espresso"):
    """Order, and wait until the kitchen has accepted it."""
    put_in_cart(page, item)
    place_order(page)
    expect(latest(page)).to_contain_text("Accepted")
    expect(live(page)).to_have_text("Live")


def test_an_order_takes_at_most_five_requests(page, customer, sign_in, move, new_page):
    """Two of them are staff's."""
    requests = Requests(page.context)
    put_in_cart(page, "Espresso")
    sign_in(page, customer)
    place_order(page)
    expect(latest(page)).to_contain_text("Accepted")
    move(page, "ready")
    expect(latest(page)).to_contain_text("Come and get it!")
    move(page, "filled")
    expect(latest(page)).to_contain_text("Enjoy.")

    assert len(requests.lists()) == 1
    assert [it.method for it in requests.made if it.method != "OPTIONS"].count("POST") == 2
    assert len(requests.made) == 3


def test_the_board_shows_orders_without_asking(page, customer, sign_in, board, move):
    sign_in(page, customer)
    requests = Requests(board.context)
    ordered(page)

    number = latest(page).get_attribute("number")
    card = board.locator("caffe-board-order").filter(has=board.get_by_role("heading", name=f"No. {number}", exact=True))
    expect(board.locator("section.make").locator(card)).to_have_count(1)
    move(page, "ready")
    expect(board.locator("section.ready").locator(card)).to_have_count(1)
    assert requests.lists() == []


def test_a_move_on_the_board_shows_on_the_guests_screen(page, customer, sign_in, board):
    sign_in(page, customer)
    ordered(page)
    number = latest(page).get_attribute("number")

    board.get_by_role("button", name=f"Ready: Number {number}", exact=True).click()

    expect(latest(page)).to_contain_text("Come and get it!")


def test_the_page_hears_of_the_menu_when_no_order_is_left_to_hear_of(page, customer, sign_in, move, cafe):
    sign_in(page, customer)
    ordered(page)
    assert page.evaluate(LOCKS) == [1, 0]

    move(page, "ready")
    move(page, "filled")
    expect(latest(page)).to_contain_text("Enjoy.")

    expect(live(page)).to_be_hidden()
    assert page.evaluate(LOCKS) == [1, 0]
    with sold_out(cafe, "Croissant"):
        expect(page.locator("caffe-menu-item[name=Croissant]")).to_contain_text("Sold out")
    expect(page.locator("caffe-menu-item[name=Croissant]")).not_to_contain_text("Sold out")


@contextmanager
def sold_out(cafe, name):
    """An item of the menu that is sold out while the block lasts."""
    sam = cafe.sign_in("sam")
    item = next(it for it in cafe.api.get("menu").json()["items"] if it["name"] == name)
    body = {key: value for key, value in item.items() if key != "name"}
    cafe.api.put(f"menu/{name}", json={**body, "soldOut": True}, headers=sam).raise_for_status()
    try:
        yield
    finally:
        cafe.api.put(f"menu/{name}", json=body, headers=sam).raise_for_status()


def test_two_tabs_share_a_connection_and_both_show_changes(page, customer, sign_in, move, site_url):
    sign_in(page, customer)
    ordered(page)
    other = page.context.new_page()
    other.goto(site_url)
    sign_in(other, customer)
    expect(latest(other)).to_contain_text("Accepted")
    expect(live(other)).to_have_text("Live")
    assert other.evaluate(LOCKS) == [1, 1]

    move(page, "ready")
    for each in (page, other):
        expect(latest(each)).to_contain_text("Come and get it!")

    # The other tab takes over.
    page.close()
    expect(live(other)).to_have_text("Live")
    until(other, lambda: other.evaluate(LOCKS) == [1, 0])
    move(other, "filled")
    expect(latest(other)).to_contain_text("Enjoy.")


def test_a_tab_takes_over_from_one_that_is_suspended(page, customer, sign_in, move, site_url):
    sign_in(page, customer)
    ordered(page)
    # As a suspended tab would: it keeps the lock, and neither answers nor hears.
    page.evaluate(
        """name => {
      const steal = navigator.locks.request(name, {steal: true}, () => new Promise(() => {}));
      return steal.catch(() => {}), null;
    }""",
        page.evaluate("navigator.locks.query().then(({held}) => held.find((it) => it.name.startsWith('live/')).name)"),
    )
    other = page.context.new_page()
    other.goto(site_url)
    sign_in(other, customer)
    expect(latest(other)).to_contain_text("Accepted")

    expect(live(other)).to_have_text("Live")
    move(other, "ready")
    for each in (page, other):
        expect(latest(each)).to_contain_text("Come and get it!")


def test_what_was_missed_without_a_network_shows_when_it_is_back(page, customer, sign_in, move, page_errors):
    page_errors.allow("ERR_INTERNET_DISCONNECTED", "WebSocket connection")
    sign_in(page, customer)
    ordered(page)
    page.context.set_offline(True)
    expect(live(page)).to_have_text(re.compile(r"Offline\. Last update \d\d:\d\d\."))

    move(page, "ready")
    requests = Requests(page.context)
    page.context.set_offline(False)

    expect(latest(page)).to_contain_text("Come and get it!")
    expect(live(page)).to_have_text("Live")
    until(page, lambda: requests.lists())


def test_what_was_missed_during_sleep_shows_when_the_page_wakes_up(page, customer, sign_in, move):
    sign_in(page, customer)
    ordered(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})

    entry = latest(page)
    move(page, "ready")
    devtools.send("Page.setWebLifecycleState", {"state": "active"})

    expect(entry).to_contain_text("Come and get it!")


def test_a_hidden_page_hears_that_an_order_is_ready_and_nothing_after_that(
    new_context, site_url, customer, sign_in, move
):
    page = new_context().new_page()
    page.clock.install()
    page.goto(site_url)
    sign_in(page, customer)
    ordered(page)
    page.evaluate(HIDE, True)
    page.clock.run_for(600_000)
    assert page.evaluate(LOCKS) == [1, 0]

    move(page, "ready")
    expect(latest(page)).to_contain_text("Come and get it!")
    move(page, "filled")
    expect(latest(page)).to_contain_text("Enjoy.")
    page.clock.run_for(61_000)
    until(page, lambda: page.evaluate(LOCKS) == [0, 0])

    page.evaluate(HIDE, False)
    until(page, lambda: page.evaluate(LOCKS) == [1, 0])


def test_signing_out_ends_the_connection(page, customer, sign_in):
    sign_in(page, customer)
    ordered(page)
    page.get_by_role("button", name="Sign out").click()
    expect(sign_in_form(page)).to_be_visible()

    until(page, lambda: page.evaluate(LOCKS) == [0, 0])


def test_without_live_updates_the_page_asks_seldom_and_shows_no_state(deaf_page, customer, sign_in, move):
    requests = Requests(deaf_page.context)
    sign_in(deaf_page, customer)
    put_in_cart(deaf_page, "Espresso")
    place_order(deaf_page)
    expect(latest(deaf_page)).to_contain_text("Accepted")
    move(deaf_page, "ready")
    expect(latest(deaf_page)).to_contain_text("Come and get it!")

    # After 1.5 seconds, and with pauses of at least 2 seconds that double.
    assert len(requests.lists()) <= 6
    expect(live(deaf_page)).to_be_hidden()
