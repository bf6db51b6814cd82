"""A café's day in one go: a guest without an account, the board in a second browser, and a display in the room."""

import re
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.local.conftest import running_cafe
from tests.site.conftest import PHONE
from tests.site.steps import expect_message, fill_in, hide, put_in_cart, sheet, show

pytestmark = pytest.mark.long

RECORD_SIGNALS = """
window.signals = [];
navigator.vibrate = (pattern) => signals.push('vibrated') > 0;
window.Notification = class {
  static permission = 'default';
  static requestPermission() {
    signals.push('asked');
    return Promise.resolve((Notification.permission = 'granted'));
  }
};
if (window.ServiceWorkerRegistration) {
  ServiceWorkerRegistration.prototype.showNotification = async (text) => void signals.push(text);
}
window.AudioContext = class {
  currentTime = 0;
  async resume() {}
  createOscillator() {
    signals.push('sounded');
    return {frequency: {}, connect: () => ({connect() {}}), start() {}, stop() {}};
  }
  createGain() {
    return {gain: {setValueAtTime() {}, exponentialRampToValueAtTime() {}}};
  }
};
"""


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    """A café as it is by default: only what is on the menu can be ordered."""
    with running_cafe(tmp_path_factory.mktemp("day")) as cafe:
        yield cafe


@pytest.fixture(scope="module")
def site_url(cafe):
    return cafe.outputs["webappUrl"]


class Taps:
    """Counts a guest's taps."""

    def __init__(self):
        self.count = 0

    def __call__(self, place):
        place.tap()
        self.count += 1


def order_with_oat_milk(page, name, note=""):
    """Order a cappuccino with oat milk. Return the number of taps."""
    tap = Taps()
    tap(page.get_by_role("button", name="Add Cappuccino to the cart"))
    tap(sheet(page).get_by_text("Oat milk"))
    if note:
        tap(sheet(page).get_by_label("Note"))
        sheet(page).get_by_label("Note").fill(note)
    tap(sheet(page).get_by_role("button", name="Add to cart"))
    tap(page.locator(".bar"))
    field = page.get_by_label("Your name")
    tap(field)
    field.fill(name)
    tap(page.locator("#place-order-btn-wc"))
    return tap.count


@pytest.fixture
def inspect_sizes(inspect):
    """Inspects a page on a phone, a tablet, a laptop and a large screen, light and dark."""

    def inspect_sizes(page, state):
        before = page.viewport_size
        for width, scheme in product((360, 768, 1280, 1920), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            inspect(page, f"{state}-{width}-{scheme}")
        page.set_viewport_size(before)

    return inspect_sizes


@pytest.fixture
def board(new_page):
    page = new_page("#board")
    fill_in(page, "sam")
    expect(page.locator("caffe-board .live")).to_have_text("Live")
    return page


@pytest.fixture
def counter(board):
    board.locator("caffe-counter summary").click()
    expect(board.get_by_role("switch", name="Espresso")).to_be_checked()
    return board.locator("caffe-counter")


def test_a_day(new_context, new_page, site_url, board, counter, inspect, inspect_sizes):
    context = new_context(**PHONE)
    context.add_init_script(RECORD_SIGNALS)
    guest = context.new_page()
    guest.goto(site_url)

    assert order_with_oat_milk(guest, "Zoë", "Extra hot") == 7
    number = guest.locator("caffe-waiting .number").inner_text()
    expect(guest.locator("caffe-waiting")).to_contain_text("We are making it.")
    expect(guest.locator("caffe-waiting")).to_be_in_viewport()
    expect(guest.locator("caffe-waiting .hint")).to_contain_text("before yours")
    inspect_sizes(guest, "day-waiting")

    # The notification is asked for here, and not before.
    assert guest.evaluate("signals") == []
    guest.get_by_role("button", name="Notify me when it is ready").click()
    assert guest.evaluate("signals") == ["asked"]

    # A display in the room shows the number.
    counter.get_by_role("button", name="Add a display").click()
    expect(counter.locator(".new a")).to_be_visible()
    display = new_page(counter.locator(".new a").get_attribute("href").removeprefix(site_url))
    making, ready = (display.get_by_role("region", name=name) for name in ("Being made", "Ready"))
    expect(making.get_by_text(number, exact=True)).to_be_visible()
    assert display.url.endswith("#display")

    # The board shows what cannot be overlooked. The guest, who looks elsewhere, hears that it is ready.
    card = board.locator("caffe-board-order").filter(has=board.get_by_role("heading", name=f"No. {number}", exact=True))
    expect(card).to_contain_text("Zoë")
    expect(card.locator("mark")).to_have_text(["Oat milk", "Extra hot"])
    hide(guest)
    card.get_by_role("button", name="Ready").click()
    expect(guest.locator("caffe-waiting")).to_contain_text("Come and get it!")
    expect(guest).to_have_title(re.compile(f"^Number {number} is ready"))
    assert guest.evaluate("signals")[1:] == ["sounded", "sounded", "vibrated", f"Number {number} is now ready."]
    expect(ready.get_by_text(number, exact=True)).to_be_visible()
    inspect_sizes(display, "day-display")
    show(guest)
    inspect(guest, "day-ready-phone")

    # It was the wrong one: undo.
    inspect_sizes(board, "day-board")
    board.get_by_role("button", name="Undo").click()
    expect(making.get_by_text(number, exact=True)).to_be_visible()
    expect(guest.locator("caffe-waiting")).to_contain_text("We are making it.")

    # Sold out is seen at once, in the menu and in the cart.
    put_in_cart(guest, "Croissant")
    counter.get_by_text("Croissant").click()
    expect(guest.locator("caffe-menu-item[name=Croissant]")).to_contain_text("Sold out")
    expect(guest.locator("caffe-cart > .problem")).to_contain_text("not available right now")
    guest.locator("#place-order-btn-wc").click()
    expect(guest.locator("caffe-cart").get_by_role("alert")).to_contain_text("not available right now")
    inspect(guest, "day-sold-out-phone")
    counter.get_by_text("Croissant").click()
    expect(guest.locator("caffe-cart > .problem")).to_be_empty()

    # Closed is said before anyone orders; the board opens again.
    counter.get_by_label("Orders are").select_option("closed")
    expect(guest.locator("caffe-menu .closed")).to_contain_text("We are closed.")
    expect(guest.locator("caffe-cart > .problem")).to_contain_text("We are closed.")
    counter.get_by_label("Orders are").select_option("open by the hours")
    expect(guest.locator("caffe-menu .closed")).to_be_empty()

    # The kitchen cancels, and the guest reads why.
    card.get_by_role("button", name="Cancel").click()
    board.get_by_role("dialog").get_by_label("Reason").fill("The machine is broken")
    board.get_by_role("button", name="Really cancel?").click()
    expect_message(guest, f"Number {number} is now cancelled. The machine is broken")
    expect(guest.locator("caffe-order-history-item").first).to_contain_text("The machine is broken")
    expect(making.get_by_text(number, exact=True)).to_have_count(0)

    # The display is taken down.
    counter.get_by_role("button", name="Remove").click()
    expect(counter.get_by_role("button", name="Remove")).to_have_count(0)


def test_an_order_takes_six_taps_and_no_typing_but_the_name(new_page):
    page = new_page(**PHONE)
    assert order_with_oat_milk(page, "Zoë") <= 6
    expect(page.locator("caffe-waiting .number")).to_be_visible()


def test_every_state_of_an_order_fits_all_sizes(new_page, sign_in, customer, inspect_sizes):
    page = new_page()
    inspect_sizes(page, "day-menu")
    page.get_by_role("button", name="Add Cappuccino to the cart").click()
    inspect_sizes(page, "day-options")
    sheet(page).get_by_role("button", name="Add to cart").click()
    put_in_cart(page, "Croissant")
    inspect_sizes(page, "day-cart")
    page.get_by_role("button", name="Sign in").first.click()
    inspect_sizes(page, "day-sign-in")
    sign_in(page, customer)
    page.locator("#place-order-btn-wc").click()
    expect(page.locator("caffe-waiting .number")).to_be_visible()
    inspect_sizes(page, "day-orders")
    # No message lies on the number.
    message, card = page.locator(".message"), page.locator("caffe-waiting article")
    expect(message).not_to_be_empty()
    assert message.bounding_box()["y"] + message.bounding_box()["height"] <= card.bounding_box()["y"]


@pytest.mark.parametrize("path", ["pay.html", "api.html"])
def test_other_pages_fit_all_sizes(new_page, inspect_sizes, path):
    page = new_page(path)
    page.wait_for_load_state("networkidle")
    inspect_sizes(page, f"day-{path.removesuffix('.html')}")


def test_a_guest_who_signs_in_keeps_the_open_orders_in_sight(new_page, sign_in, customer, board):
    page = new_page(**PHONE)
    order_with_oat_milk(page, "Zoë")
    number = page.locator("caffe-waiting .number").inner_text()
    sign_in(page, customer)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.locator("caffe-waiting .number")).to_have_text(number)

    board.get_by_role("button", name=f"Ready: Number {number}", exact=True).click()

    expect(page.locator("caffe-waiting")).to_contain_text("Come and get it!")


def test_a_guests_session_survives_a_reload_and_is_renewed(new_page):
    page = new_page(**PHONE)
    order_with_oat_milk(page, "Zoë")
    number = page.locator("caffe-waiting .number").inner_text()
    page.evaluate(
        """new Promise((done) => {
          indexedDB.open('caffe').onsuccess = ({target: {result: db}}) => {
            const store = db.transaction('session', 'readwrite').objectStore('session');
            store.get('guest').onsuccess = ({target: {result}}) => {
              store.put({...result, until: 0}, 'guest').onsuccess = () => {
                db.close();
                done();
              };
            };
          };
        })"""
    )
    renewals = []
    page.context.on("response", lambda it: renewals.append(it.status) if it.url.endswith("/guests") else None)

    page.reload()

    expect(page.locator("caffe-waiting .number")).to_have_text(number)
    assert renewals == [201]
    expect(page.get_by_label("Your name")).to_have_value("Zoë")


def test_a_display_without_a_token_says_so(new_page, inspect):
    page = new_page("#display")
    expect(page.locator("caffe-display .note")).to_contain_text("This display is not registered.")
    inspect(page, "display-unknown")
