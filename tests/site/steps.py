"""User actions on the pages, and waits for their effects."""

import json
import re
import time
from pathlib import Path

from local.cafe.seed import PASSWORD

MENU = json.loads((Path(__file__).parents[2] / "site" / "public" / "menu.json").read_text())
WITH_OPTIONS = {item["name"] for item in MENU if item.get("options")}

ORDERS = re.compile(r"/dev/orders\b")
"""Matches the API's order URLs."""

THANKS = "Thank you! Your order is in."

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
"""Simulates a hidden page, which a headless browser never has."""

TIMEOUT_SECONDS = 30
"""Maximum wait for an expected effect. Generous for busy machines: on an idle one, effects are immediate."""


def until(page, condition):
    """Wait for a condition that `expect` cannot check. Browser events are processed meanwhile."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < end, f"the condition did not hold within {TIMEOUT_SECONDS} s"
        page.wait_for_timeout(20)


def stored(cafe, name):
    """A customer's orders from the API, newest first."""
    return cafe.api.get("orders", headers=cafe.sign_in(name)).json()


RECORD_MESSAGES = """addEventListener('DOMContentLoaded', () => {
  const region = document.querySelector('.message');
  window.messages = [];
  if (region) new MutationObserver(() => messages.push(region.textContent)).observe(region, {childList: true});
})"""
"""An init script that records the messages in a page's footer."""


def expect_message(page, text, times=1):
    """Expect that the page has shown this message in its footer since it was loaded. A later message may already have
    replaced it."""
    page.wait_for_function("([text, times]) => messages.filter((it) => it === text).length >= times", arg=[text, times])


def expect_styles(page, name):
    """Wait for an element's style sheet: until it is loaded, sizes differ."""
    page.wait_for_function("name => [...document.styleSheets].some(({href}) => href?.endsWith(`/${name}`))", arg=name)


def hide(page):
    """Let a page believe that nobody sees it."""
    page.evaluate(HIDE, True)


def show(page):
    """Let a page believe that somebody sees it again."""
    page.evaluate(HIDE, False)


def page_with_settings(new_context, site, site_url, **changes):
    """The site with other settings. `None` leaves one out."""
    settings = {name: value for name, value in {**site.get("api.json").json(), **changes}.items() if value is not None}
    context = new_context(service_workers="block")  # its requests would not be routed
    context.route("**/api.json", lambda route: route.fulfill(json=settings))
    page = context.new_page()
    page.goto(site_url)
    return page


def sheet(page):
    """The sheet with the options of a product."""
    return page.locator("caffe-options dialog")


def put_in_cart(page, *names):
    """Add these items from the menu, repeated names several times."""
    for name in names:
        page.get_by_role("button", name=f"Add {name} to the cart").click()
        if name in WITH_OPTIONS:
            sheet(page).locator(".main").click()


def place_order(page):
    """Order the cart, and wait for the thank-you message."""
    before = page.evaluate("text => messages.filter((it) => it === text).length", THANKS)
    page.locator("#place-order-btn-wc").click()
    expect_message(page, THANKS, before + 1)


def orders(page):
    """The orders on the page, newest first."""
    return page.locator("caffe-order-history-item")


def sign_in_form(page):
    """The sign-in form, which the page shows when it is asked for."""
    return page.locator("caffe-sign-in form")


def fill_in(page, name, password=PASSWORD):
    """Fill in and submit the sign-in form. `name` is an email address or its local part."""
    form = sign_in_form(page)
    if not form.is_visible():
        page.get_by_role("banner").get_by_role("button", name="Sign in").click()
    form.get_by_label("Email").fill(name if "@" in name else f"{name}@example.com")
    form.get_by_label("Password", exact=True).fill(password)
    form.locator("#login-btn").click()


def end_access_token(context, *methods):
    """Make the API refuse the current access token for these methods. New tokens are accepted."""
    ended = set()

    def invalidate(route):
        headers = route.request.headers
        if route.request.method in methods:
            ended.add(next(iter(ended), headers["authorization"]))
            if headers["authorization"] in ended:
                headers = {**headers, "authorization": "Bearer ended"}
        route.continue_(headers=headers)

    context.route(ORDERS, invalidate)


def end_session(context, *methods):
    """Like `end_access_token`, and make the API refuse the refresh token too."""
    end_access_token(context, *methods)

    def invalidate(route):
        sent = route.request.post_data_json
        route.continue_(post_data=json.dumps({"refreshToken": "ended"} if "refreshToken" in sent else sent))

    context.route("**/authenticate", invalidate)
