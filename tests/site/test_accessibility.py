"""Accessibility: keyboard only, narrow screens, dark mode, reduced motion, screen readers."""

import pytest
from playwright.sync_api import expect

from tests.site.conftest import NARROW, PHONE
from tests.site.steps import expect_message, fill_in, orders, place_order, put_in_cart, sheet

pytestmark = pytest.mark.long

HEADER_PIXELS = 66
"""The height of one line of the header."""

PAGES = ["", "#board", "pay.html", "api.html"]


def focused(page):
    """The focused element: its tag, its accessible name, and whether the focus is visible."""
    return page.evaluate(
        """() => {
          const element = document.activeElement;
          const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(element);
          const name = element.ariaLabel || element.labels?.[0]?.textContent || element.textContent;
          const seen = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
          return {tag: element.localName, name: name.trim(), seen};
        }"""
    )


def tab_to(page, name, key="Tab"):
    """Press a key until an element with this name is focused. Asserts that the focus is visible on the way."""
    for _ in range(60):
        page.keyboard.press(key)
        now = focused(page)
        assert now["seen"] or now["tag"] == "body", f"the focus is not visible on {now}"
        if name in now["name"]:
            return
    raise AssertionError(f"{name} cannot be reached with {key}")


def overflow(page):
    """How many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


CONTROLS = "button, input:not([type=checkbox], [type=radio], [type=file]), select, summary, label:has(> input)"


def broken_words(page):
    """Words on buttons that are broken across lines."""
    return page.locator("button").evaluate_all(
        """(buttons) => buttons.flatMap((button) => [...button.childNodes]
          .filter((text) => text.nodeType === Node.TEXT_NODE)
          .flatMap((text) => [...text.data.matchAll(/\\S+/g)].map(({0: word, index}) => {
            const range = new Range();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            return [word, range.getClientRects().length];
          })))
          .filter(([, lines]) => lines > 1).map(([word]) => word)"""
    )


def small_targets(page, least):
    """Controls smaller than `least` CSS pixels. A checkbox counts as large as its label."""
    return page.locator(CONTROLS).evaluate_all(
        """(elements, least) => elements
          .filter((element) => element.checkVisibility())
          .map((element) => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
          .filter(([, {width, height}]) => width < least || height < least)
          .map(([html, {width, height}]) => `${width}x${height} ${html}`)""",
        least,
    )


def test_everything_works_with_the_keyboard_only(page, customer):
    expect(page.locator("caffe-menu-item")).to_have_count(6)
    page.keyboard.press("Tab")
    assert focused(page)["name"].startswith("Skip")
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_focused()
    tab_to(page, "Add Espresso to the cart")
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        expect(sheet(page)).to_be_visible()
        tab_to(page, "Add to cart")
        page.keyboard.press("Enter")
        expect(sheet(page)).to_be_hidden()
        assert focused(page)["name"] == "Add Espresso to the cart"
    expect(page.get_by_label("Quantity of Espresso")).to_have_value("2")
    tab_to(page, "Quantity of Espresso")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Quantity of Espresso")).to_have_value("3")
    tab_to(page, "Place order")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    tab_to(page, "Sign in", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(f"{customer}@example.com")
    tab_to(page, "Password")
    page.keyboard.type("Cafe-local-1")
    page.keyboard.press("Enter")
    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")
    tab_to(page, "Place order", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(orders(page)).to_contain_text("Accepted")
    tab_to(page, "Cancel")
    page.keyboard.press("Enter")
    expect(orders(page).get_by_role("button", name="cancel").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(orders(page)).to_contain_text("Cancelled")
    assert focused(page)["tag"] != "body", "the focus is lost with the button"
    tab_to(page, "Sign out", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("caffe-account").get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_there_is_no_keyboard_trap(new_page, path):
    page = new_page(path)
    page.wait_for_load_state("networkidle")
    for _ in range(200):
        page.keyboard.press("Tab")
        if focused(page)["tag"] in ("body", "html"):
            return
    raise AssertionError("Tab never leaves the page")


def test_removing_a_line_keeps_the_focus_in_the_cart(page):
    put_in_cart(page, "Espresso", "Croissant")
    page.get_by_role("button", name="Remove Espresso").click()
    expect(page.get_by_role("button", name="Remove Croissant")).to_be_focused()
    page.keyboard.press("Enter")
    assert focused(page)["tag"] != "body"


def test_changes_are_announced(page, customer, sign_in):
    put_in_cart(page, "Espresso")
    message = page.get_by_role("status").filter(has_text="Espresso added. 1 item in your cart.")
    expect(message).to_be_visible()
    sign_in(page, customer)
    expect_message(page, f"Signed in as {customer}@example.com.")
    place_order(page)
    expect(page.locator("caffe-waiting .number")).to_be_visible()
    number = page.locator("caffe-waiting .number").inner_text()
    expect_message(page, f"Number {number} is now accepted.")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_violates_wcag(new_page, inspect, path, scheme):
    page = new_page(path, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    inspect(page, f"{path.strip('#').removesuffix('.html') or 'start'}-{scheme}")


def test_dark_mode_passes_in_every_state(new_page, customer, sign_in, inspect, page_errors):
    page_errors.allow(r"401 POST .*/authenticate")
    page = new_page(color_scheme="dark")
    luminance = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3"
    )
    assert luminance < 60
    put_in_cart(page, "Espresso", "Croissant")
    fill_in(page, customer, "Wrong-password-1")
    expect(page.locator("caffe-sign-in")).to_contain_text("is wrong")
    inspect(page, "wrong-password-dark")
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    put_in_cart(page, "Espresso")
    inspect(page, "accepted-dark")


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_window_of_320_pixels(new_page, inspect, path):
    page = new_page(path, **NARROW)
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert overflow(page) <= 0
    assert broken_words(page) == []
    inspect(page, f"{path.strip('#').removesuffix('.html') or 'start'}-320")


@pytest.mark.parametrize("name", ["ann", "sam"])
def test_the_header_stays_one_line(new_page, sign_in, name):
    page = new_page()
    sign_in(page, name)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.locator(".who").evaluate("(who) => (who.textContent = 'somebody.with.a.long.name@cafe.example.com')")
    put_in_cart(page, "Espresso")
    for width in (320, 360, 390, 540, 640, 768, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert overflow(page) <= 0
        assert page.locator(".top").evaluate("(top) => top.clientHeight") <= HEADER_PIXELS, width


def test_forced_colors_keep_the_edges(new_page):
    page = new_page(forced_colors="active")
    put_in_cart(page, "Espresso")
    without_edge = page.locator("button.main, .add-product-btn, .to-cart, .message:not(:empty)").evaluate_all(
        "(all) => all.filter((it) => it.checkVisibility() && getComputedStyle(it).borderTopWidth === '0px')"
        ".map((it) => it.outerHTML)"
    )
    assert without_edge == []


def test_ordering_fits_a_window_of_320_pixels(cafe, new_page, customer, sign_in, inspect):
    items = [{"name": "W" * 100, "type": "x" * 50, "qty": 99}]
    headers = cafe.sign_in(customer)
    assert cafe.api.post("orders", json={"items": items}, headers=headers).status_code == 201
    page = new_page(**NARROW)
    put_in_cart(page, "Espresso", "Cappuccino")
    page.get_by_label("Quantity of Espresso").fill("99")
    assert overflow(page) <= 0
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_have_count(2)
    expect(orders(page).first).to_contain_text("Accepted")
    put_in_cart(page, "Espresso")
    assert overflow(page) <= 0
    assert broken_words(page) == []
    inspect(page, "accepted-320")


def test_touch_targets_are_large_enough(new_page, customer, sign_in, inspect):
    page = new_page(**PHONE)
    put_in_cart(page, "Espresso")
    assert small_targets(page, 43.5) == []
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    assert small_targets(page, 43.5) == []
    inspect(page, "phone")


def test_click_targets_are_large_enough(page):
    put_in_cart(page, "Espresso")
    assert small_targets(page, 24) == []


def test_reduced_motion_disables_animations(new_page, customer, sign_in):
    page = new_page(reduced_motion="reduce")
    # The duration in ms of every animation and transition that starts.
    page.evaluate(
        """() => {
          window.moved = [];
          for (const name of ['animationstart', 'transitionrun']) {
            document.addEventListener(name, ({target}) => window.moved.push(
              ...target.getAnimations().map((one) => one.effect.getComputedTiming().duration)), true);
          }
        }"""
    )
    put_in_cart(page, "Espresso")
    page.get_by_role("button", name="Add Croissant to the cart").hover()
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    assert [duration for duration in page.evaluate("window.moved") if duration > 10] == []
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_text_at_200_percent_fits(new_page):
    page = new_page(viewport={"width": 640, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    put_in_cart(page, "Espresso")
    assert overflow(page) <= 0
