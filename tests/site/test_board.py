"""The staff board with a fake API."""

import re

import pytest
from playwright.sync_api import expect

from tests.site.conftest import NARROW, PHONE
from tests.site.small_site import small_site
from tests.site.steps import expect_message, expect_styles, until

pytestmark = pytest.mark.long

MINUTE = 60_000
NOW = 1_790_000_000_000
DOUBLE_TAP_MS = 450
"""Taps further apart than this are separate taps."""
LIVE_FIRST_MS = 1500
"""How long the first request waits for live updates."""
ANSWERED_MS = 100
"""Time until the board has received and shown the answer to a request."""

PAGE = """<!doctype html><html lang="en"><title>Board</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/app.css">
<body><p class="message" role="status"></p></body>"""

FAKE_API = """async ([orders, photos]) => {
  const {CaffeBoard} = await import('/elements/caffe-board/caffe-board.js');
  customElements.define('caffe-board', CaffeBoard);
  const refused = (status, message) => Object.assign(new Error(message), {status});
  const {Listening} = await import('/lib/listening.js');
  const api = window.api = {
    orders, moves: [], polls: 0, photoPolls: 0, inFlight: 0, maxInFlight: 0, failure: null, answers: {},
    live: new Listening(() => {}),
    async respond(value) {
      this.maxInFlight = Math.max(this.maxInFlight, this.inFlight += 1);
      await new Promise((done) => setTimeout(done, 20));
      this.inFlight -= 1;
      if (this.failure) throw refused(...this.failure);
      return structuredClone(value());
    },
    allOrders() {
      this.polls += 1;
      return this.respond(() => ({orders: this.lagging ?? this.orders, now: Date.now() + (this.ahead ?? 0)}));
    },
    async latestOrders() {
      return {...(await this.allOrders()), whole: true};
    },
    photos(which) {
      this.since = which.since;
      const url = `/icons/icon-192.png?${this.photoPolls += 1}`;
      return this.respond(() => photos.map((photo) => ({...photo, url, _createdAt: Date.now()})));
    },
    async moveOrder(customer, id, status, reason) {
      this.moves.push([customer, id, status, ...(reason ? [reason] : [])]);
      await this.held;
      if (this.answers[id]) throw refused(...this.answers[id]);
      const order = this.orders.find((order) => order.id === id);
      Object.assign(order, {status, staff: 'sam', _updatedAt: Date.now()});
      return structuredClone(order);
    },
  };
  const board = window.board = document.createElement('caffe-board');
  Object.assign(board, {client: api, who: {customer: 'sam', username: 'sam@example.com', isStaff: true}});
  document.body.prepend(board);
}"""


PHOTOS = [
    {"id": "p1", "userid": "ann", "orderId": "a-0001"},
    {"id": "p2", "userid": "ann", "orderId": "a-0001"},
    {"id": "p3", "userid": "bob", "orderId": "a-0001"},
    {"id": "p4", "userid": "ann", "orderId": "other"},
    {"id": "p5", "userid": "ann"},
]
"""Two photos of an order, and three without an order on the board."""


@pytest.fixture(scope="module")
def site():
    with small_site() as site:
        site.files["/board.html"] = PAGE.encode()
        yield site


def order(id_, status="created", age=1, **fields):
    """An order that is `age` minutes old on the page's clock."""
    items = [{"name": "Espresso", "type": "coffee", "qty": 2}]
    number = int(id_[-4:])
    return {"customer": "ann", "id": id_, "number": number, "status": status, "items": items, "age": age, **fields}


@pytest.fixture
def open_board(new_context, site):
    """Opens the board with these orders in the fake API. Its clock advances only when a test says so."""

    def open_board(*orders, photos=(), **options):
        page = new_context(**options).new_page()
        page.clock.install(time=0)
        page.goto(site.url + "/board.html")
        page.clock.pause_at(NOW / 1000)
        page.evaluate(FAKE_API, [[dated(order) for order in orders], list(photos)])
        expect_styles(page, "caffe-board.css")
        page.clock.run_for(LIVE_FIRST_MS + ANSWERED_MS)
        expect(page.get_by_role("region")).to_have_count(2)
        return page

    return open_board


def dated(order):
    age = order.pop("age") * MINUTE
    return {"_createdAt": NOW - age, "_updatedAt": NOW - age, "_filledAt": None, "_expireOn": 0, **order}


def column(page, name):
    return page.get_by_role("region", name=name)


def cards(place):
    return place.locator("caffe-board-order")


def numbers(place):
    """The headings of the orders in a place, from top to bottom."""
    return place.locator("caffe-board-order h3").all_inner_texts()


def tap(place, name, number):
    place.get_by_role("button", name=f"{name}: Number {number}", exact=True).click()


def poll_again(page):
    """Let the board ask once more, as it does when live updates begin, and show the answer."""
    polls = page.evaluate("api.polls")
    page.evaluate("api.live.receive({state: 'live', at: Date.now()})")
    page.clock.run_for(ANSWERED_MS)
    assert page.evaluate("api.polls") > polls


def test_orders_are_in_columns_by_status_oldest_first(open_board, inspect):
    page = open_board(
        order("new-0002", age=1),
        order("new-0001", age=2),
        order("acc-0003", "accepted", 14, staff="sam", restaurantId=7),
        order("rdy-0004", "ready", 5, staff="kim"),
        order("fil-0005", "filled", 60, staff="kim"),
        order("can-0006", "cancelled", 50),
    )
    expect(column(page, "To make").locator("caffe-board-order")).to_have_count(3)
    assert numbers(column(page, "To make")) == ["No. 3", "No. 1", "No. 2"]
    for text in ("No. 3 Late 14 min 2", "Espresso Restaurant 7 Staff: you"):
        expect(column(page, "To make")).to_contain_text(text)
    expect(column(page, "Ready")).to_contain_text("Staff: kim")
    ended = page.locator("caffe-board > details")
    expect(cards(ended).first).to_be_hidden()
    ended.get_by_text("Recently finished 2").click()
    assert numbers(ended) == ["No. 6", "No. 5"]
    expect(ended).to_contain_text("Cancelled")
    expect(ended).to_contain_text("Filled · Staff: kim")
    expect(ended.get_by_role("button")).to_have_count(0)
    page.clock.resume()
    inspect(page, "board")


@pytest.mark.parametrize("options", [NARROW, {**PHONE, "color_scheme": "dark"}])
def test_on_a_phone_the_columns_are_sections(open_board, inspect, options):
    page = open_board(order("a-0001"), order("a-0002", "accepted", 30, staff="0" * 36), **options)
    tops = [column(page, name).bounding_box()["y"] for name in ("To make", "Ready")]
    assert tops == sorted(set(tops))
    expect(column(page, "To make")).to_contain_text("Staff: 00000000…")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.clock.resume()
    inspect(page, f"board-columns-{options['viewport']['width']}")


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_wrong_clock_does_not_change_the_age(open_board, hours):
    """The age is counted from the API's time. Tablets are often wrong by hours, after a time zone or a flat battery."""
    page = open_board(order("a-0001", age=9), order("a-0002", age=11))
    page.evaluate(f"api.ahead = {hours * 3_600_000}; for (const it of api.orders) it._createdAt += api.ahead")
    poll_again(page)

    assert page.locator("caffe-board-order[late]").count() == 1
    expect(page.locator("caffe-board-order").filter(has_text="No. 1").locator("time")).to_have_text("9 min")


def test_a_late_order_is_labeled_late(open_board):
    page = open_board(
        order("a-0001", age=9.9), order("a-0002", age=10.1), order("a-0003", "ready", 30), order("a-0004", "filled", 30)
    )
    expect(page.get_by_text("Late", exact=True)).to_have_count(1)
    expect(cards(column(page, "To make")).first).to_contain_text("No. 2 Late 10 min")


def test_a_tap_moves_an_order_before_the_api_answers(open_board):
    page = open_board(order("a-0001"))
    page.evaluate("void (api.held = new Promise((go) => (api.release = go)))")
    tap(column(page, "To make"), "Accept", 1)
    moved = cards(column(page, "To make"))
    expect(moved).to_contain_text("Staff: you")
    expect(moved.get_by_role("button", name="Ready")).to_have_attribute("aria-disabled", "true")
    page.clock.run_for(DOUBLE_TAP_MS)
    moved.get_by_role("button", name="Ready").click(force=True)
    page.evaluate("api.release()")
    expect(moved.get_by_role("button", name="Ready")).to_have_attribute("aria-disabled", "false")
    page.clock.run_for(ANSWERED_MS)
    expect_message(page, "Number 1 is now accepted.")
    assert page.evaluate("api.moves") == [["ann", "a-0001", "accepted"]]


def test_an_order_moves_through_all_statuses(open_board):
    page = open_board(order("a-0001"))
    for place, name in (("To make", "Accept"), ("To make", "Ready"), ("Ready", "Handed over")):
        tap(column(page, place), name, 1)
        page.clock.run_for(DOUBLE_TAP_MS)
    page.get_by_text("Recently finished 1").click()
    expect(page.locator("caffe-board > details")).to_contain_text("Filled · Staff: you")
    assert [status for _, _, status in page.evaluate("api.moves")] == ["accepted", "ready", "filled"]


def test_a_double_tap_does_not_move_the_next_order(open_board):
    page = open_board(order("a-0001", age=2), order("a-0002", age=1))
    place = column(page, "To make").get_by_role("button", name="Accept").first.bounding_box()
    page.mouse.dblclick(place["x"] + 20, place["y"] + 20)
    expect(page.get_by_role("button", name="Ready: Number 1")).to_be_visible()
    expect(page.get_by_role("button", name="Accept: Number 2")).to_be_visible()
    assert len(page.evaluate("api.moves")) == 1


def test_cancelling_asks_for_a_reason_that_the_customer_reads(open_board, inspect):
    page = open_board(order("a-0001"))
    tap(page, "Cancel", 1)
    dialog = page.get_by_role("dialog", name="Cancel: Number 1")
    dialog.get_by_role("button", name="Back").click()
    assert page.evaluate("api.moves") == []
    page.clock.run_for(DOUBLE_TAP_MS)
    tap(page, "Cancel", 1)
    dialog.get_by_label("Reason").fill("The oven is broken")
    page.clock.resume()
    inspect(page, "board-cancel")
    dialog.get_by_role("button", name="Really cancel?").click()
    expect(column(page, "To make")).to_contain_text("Nothing to make")
    until(page, lambda: page.evaluate("api.moves") == [["ann", "a-0001", "cancelled", "The oven is broken"]])


@pytest.mark.parametrize(
    ("place", "name", "status", "back"),
    [("To make", "Ready", "accepted", "accepted"), ("Ready", "Handed over", "ready", "ready")],
)
def test_a_move_can_be_taken_back_for_a_minute(open_board, place, name, status, back):
    page = open_board(order("a-0001", status))
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_hidden()
    tap(column(page, place), name, 1)
    expect(undo).to_be_visible()
    page.clock.run_for(DOUBLE_TAP_MS)
    undo.click()
    page.clock.run_for(ANSWERED_MS)
    expect(cards(column(page, place))).to_have_count(1)
    assert page.evaluate("api.moves.map(([, , status]) => status)")[1:] == [back]
    expect(undo).to_be_hidden()
    page.clock.run_for(DOUBLE_TAP_MS)
    tap(column(page, place), name, 1)
    expect(undo).to_be_visible()
    page.clock.run_for(60_000)
    expect(undo).to_be_hidden()


def test_orders_are_found_by_number_or_name(open_board):
    page = open_board(order("a-0001"), order("a-0012", pickupName="Zoë"), order("a-0021", "ready", pickupName="Zora"))
    field = page.get_by_label("Find by number or name")
    for text, found in (("1", ["No. 1"]), ("12", ["No. 12"]), ("zo", ["No. 12", "No. 21"]), ("nobody", [])):
        field.fill(text)
        assert numbers(page) == found
    field.fill("")
    expect(cards(page)).to_have_count(3)


def test_options_and_notes_cannot_be_overlooked_and_identical_items_are_summed(open_board, inspect):
    latte = {"name": "Latte", "type": "coffee", "options": ["Oat milk"], "note": "Extra hot"}
    page = open_board(
        order("a-0001", items=[{**latte, "qty": 2}]),
        order("a-0002", items=[{**latte, "qty": 1}, {"name": "Latte", "type": "coffee", "qty": 1}]),
        order("a-0003", "ready", items=[{**latte, "qty": 5}]),
    )
    expect(column(page, "To make").locator("mark")).to_have_text(["Oat milk", "Extra hot"] * 2)
    expect(column(page, "To make").locator(".sums li")).to_have_text([re.compile("^3 .* Latte, Oat milk, Extra hot$")])
    page.clock.resume()
    inspect(page, "board-options")


def test_a_column_shows_some_of_very_many_orders(open_board):
    page = open_board(*(order(f"a-{n:04}", age=1 + n / 1000) for n in range(1, 201)))

    expect(cards(page)).to_have_count(60)
    expect(column(page, "To make")).to_contain_text("To make 200")
    expect(column(page, "To make")).to_contain_text("and 140 more")


def test_a_conflict_is_reported_and_the_current_state_shown(open_board):
    page = open_board(order("a-0001"))
    page.evaluate("api.answers = {'a-0001': [409, 'The order is `cancelled`.']}; api.orders[0].status = 'cancelled'")
    tap(page, "Accept", 1)
    page.clock.run_for(ANSWERED_MS)
    expect(page.get_by_role("alert")).to_have_text(
        "Number 1 was changed by someone else. The board shows its current state."
    )
    expect(page.get_by_text("Recently finished 1")).to_be_visible()
    expect(cards(column(page, "To make"))).to_have_count(0)


def test_a_deleted_order_is_removed(open_board):
    page = open_board(order("a-0001"))
    page.evaluate("api.answers = {'a-0001': [404, 'No.']}; api.orders = []")
    tap(page, "Accept", 1)
    page.clock.run_for(ANSWERED_MS)
    expect(page.get_by_role("alert")).to_have_text("Number 1 no longer exists.")
    expect(cards(page)).to_have_count(0)


def test_without_a_network_a_move_is_undone_and_can_be_retried(open_board):
    page = open_board(order("a-0001"))
    page.evaluate("api.failure = api.answers['a-0001'] = [0, 'The café cannot be reached.']")
    tap(page, "Accept", 1)
    page.clock.run_for(ANSWERED_MS)
    expect(page.get_by_role("alert")).to_contain_text("Number 1 might not have moved. The café cannot be reached.")
    expect(page.get_by_text("The café cannot be reached.", exact=False)).to_have_count(1)  # said once
    expect(cards(column(page, "To make"))).to_have_count(1)
    page.evaluate("api.failure = null; api.answers = {}")
    poll_again(page)
    expect(page.locator("caffe-board > .note")).to_have_text("")
    page.clock.run_for(DOUBLE_TAP_MS)
    tap(page, "Accept", 1)
    expect(page.get_by_role("button", name="Ready: Number 1")).to_be_visible()
    expect(page.locator("caffe-board > .error")).to_have_text("")


def test_a_stale_list_does_not_undo_a_move(open_board):
    page = open_board(order("a-0001"))
    page.evaluate("api.lagging = structuredClone(api.orders)")
    tap(page, "Accept", 1)
    poll_again(page)
    expect(page.get_by_role("button", name="Ready: Number 1")).to_be_visible()
    page.evaluate("api.lagging = []")
    poll_again(page)
    expect(page.get_by_role("button", name="Ready: Number 1")).to_be_visible()


def test_new_orders_appear_and_are_announced(open_board):
    page = open_board(order("a-0001"))
    expect(cards(page)).to_have_count(1)
    page.evaluate(
        "api.orders.push({...api.orders[0], id: 'a-0002', number: 2}, {...api.orders[0], id: 'a-0003', number: 3})"
    )
    poll_again(page)
    expect(cards(column(page, "To make"))).to_have_count(3)
    expect_message(page, "2 new orders.")


def test_the_board_polls_one_request_at_a_time_and_not_while_hidden(open_board):
    page = open_board(order("a-0001"))
    poll_again(page)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(ANSWERED_MS)
    polls = page.evaluate("api.polls")
    page.clock.run_for(60_000)
    assert page.evaluate("api.polls") == polls
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    poll_again(page)
    assert page.evaluate("api.maxInFlight") == 1


def test_a_removed_board_stops_polling(open_board):
    page = open_board(order("a-0001"))
    expect(cards(page)).to_have_count(1)
    page.evaluate("board.remove()")
    page.clock.run_for(ANSWERED_MS)
    polls = page.evaluate("api.polls")
    page.clock.run_for(60_000)
    assert page.evaluate("api.polls") == polls
    page.evaluate("document.body.prepend(board)")
    poll_again(page)


def test_hours_of_polling_do_not_grow_the_page(open_board):
    page = open_board(order("a-0001"), order("b-0002", "ready"))
    expect(cards(page)).to_have_count(2)
    page.evaluate("window.first = document.querySelector('caffe-board-order')")
    count = "document.querySelectorAll('*').length"
    before = page.evaluate(count)
    page.clock.run_for(3 * 60 * MINUTE)
    assert page.evaluate("api.polls") > 150
    assert page.evaluate(count) == before
    assert page.evaluate("first.isConnected")
    expect(column(page, "To make")).to_contain_text("Late")


def test_the_focus_moves_to_the_next_order_and_then_to_the_heading(open_board):
    page = open_board(order("a-0001", "accepted", 2), order("a-0002", "accepted", 1))
    page.get_by_role("button", name="Ready: Number 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ready: Number 2")).to_be_focused()
    page.clock.run_for(DOUBLE_TAP_MS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="To make")).to_be_focused()


def test_an_update_keeps_the_focus(open_board):
    page = open_board(order("a-0001", age=2), order("a-0002", age=1))
    accept = page.get_by_role("button", name="Accept: Number 2")
    accept.focus()
    page.evaluate("api.orders.shift(); api.orders.push({...api.orders[0], id: 'a-0003', number: 3})")
    poll_again(page)
    expect(page.get_by_role("button", name="Accept: Number 3")).to_be_visible()
    expect(accept).to_be_focused()


def test_an_orders_photos_open_in_a_dialog(open_board, inspect):
    page = open_board(order("a-0001", age=3), order("a-0002"), order("old-0003", "filled", 500), photos=PHOTOS)
    shown = cards(page).filter(has_text="No. 1").get_by_role("button", name="Enlarge the photo")
    expect(shown).to_have_count(2)
    expect(cards(page).get_by_role("button", name="Enlarge the photo")).to_have_count(2)
    assert page.evaluate("api.since === api.orders[0]._createdAt")
    shown.first.click()
    dialog = page.get_by_role("dialog", name="Photo")
    expect(dialog.get_by_role("img", name="Number 1, photo of")).to_have_js_property("naturalWidth", 192)
    page.clock.resume()
    inspect(page, "board-photo")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(shown.first).to_be_focused()
    shown.first.click()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_new_signed_url_does_not_reload_the_picture(open_board):
    page = open_board(order("a-0001"), photos=PHOTOS)
    picture = page.locator("caffe-board-order img").first
    first = picture.get_attribute("src")
    page.clock.run_for(110_000)
    assert page.evaluate("api.photoPolls") == 2 + 1
    assert picture.get_attribute("src") == first
    picture.click()
    expect(page.get_by_role("dialog", name="Photo").locator("img")).to_have_attribute("src", "/icons/icon-192.png?3")


def test_user_input_is_shown_as_text(open_board):
    attack = "<img src=x onerror=window.ran=1>\"'><script>window.ran=1</script>"
    items = [{"name": attack, "type": attack, "qty": 1}]
    page = open_board(order("a-0001", items=items, restaurantId=attack, staff="<i>staff</i>", customer=attack))
    expect(cards(page).first).to_contain_text(f"{attack} Restaurant {attack} Staff: <i>staff</i>")
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(
    ("who", "text"),
    [
        (None, ""),  # the sign-in form beside it gives the reason
        ({"customer": "ann", "isStaff": False}, "The board is for staff only. This is not a staff account."),
    ],
)
def test_a_user_outside_the_staff_sees_no_orders(open_board, inspect, who, text):
    page = open_board(order("a-0001"))
    expect(cards(page)).to_have_count(1)
    page.evaluate("who => (board.who = who)", who)
    expect(page.get_by_role("status").first).to_have_text(text)
    assert page.locator("caffe-board-order").count() == 0
    page.clock.run_for(ANSWERED_MS)
    polls = page.evaluate("api.polls")
    page.clock.run_for(60_000)
    assert page.evaluate("api.polls") == polls
    page.clock.resume()
    inspect(page, "board-not-staff")


@pytest.mark.parametrize("ended", ["api.failure = [401, 'No.']", "api.answers = {'a-0001': [401, 'No.']}"])
def test_an_expired_session_is_reported(open_board, ended):
    page = open_board(order("a-0001"))
    page.evaluate("addEventListener('session-over', () => (window.over = (window.over ?? 0) + 1))")
    expect(cards(page)).to_have_count(1)
    page.evaluate(ended)
    tap(page, "Accept", 1)
    page.clock.run_for(60_000)
    assert page.evaluate("over") == 1
