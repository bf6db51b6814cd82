"""What people do on the pages, in their words."""

import json
import re
import time

from local.seed import PASSWORD

ORDERS = re.compile(r"/dev/orders\b")
"""The API's addresses for orders."""

THANKS = "Thank you! Your order is in."

PATIENCE_SECONDS = 30
"""How long a test waits for what has to happen. It is there at once on an idle machine; a busy one gets its time."""


def until(page, condition):
    """Waits for what `expect` cannot ask the page about. What the browser tells meanwhile is heard."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "that did not happen"
        page.wait_for_timeout(20)


SAID = """addEventListener('DOMContentLoaded', () => {
  const region = document.querySelector('.message');
  window.said = [];
  if (region) new MutationObserver(() => said.push(region.textContent)).observe(region, {childList: true});
})"""
"""Keeps what a page says at its foot, in pages that begin with this script."""


def expect_said(page, text, times=1):
    """The page has said this at its foot since it was loaded. It need not be there any more: what is said next takes
    its place, and that may be soon."""
    page.wait_for_function("([text, times]) => said.filter((it) => it === text).length >= times", arg=[text, times])


def expect_styles(page, name):
    """A style sheet that an element brings is there: until then things have other sizes."""
    page.wait_for_function("name => [...document.styleSheets].some(({href}) => href?.endsWith(`/${name}`))", arg=name)


def put_in_cart(page, *names):
    """Add each of these from the menu, as often as it is named."""
    for name in names:
        page.get_by_role("button", name=f"Add {name} to the cart").click()


def place_order(page):
    """Order what is in the cart, and wait until the page has thanked."""
    thanked = page.evaluate("text => said.filter((it) => it === text).length", THANKS)
    page.locator("#place-order-btn-wc").click()
    expect_said(page, THANKS, thanked + 1)


def orders(page):
    """The orders that the page shows, newest first."""
    return page.locator("caffe-order-history-item")


def sign_in_form(page):
    """The form, which is on the page for as long as nobody is signed in."""
    return page.locator("caffe-sign-in form")


def fill_in(page, name, password=PASSWORD):
    """Type who one is into the sign-in form, and send it. `name` is an e-mail address, or what comes before its `@`."""
    form = sign_in_form(page)
    form.get_by_label("Email").fill(name if "@" in name else f"{name}@example.com")
    form.get_by_label("Password", exact=True).fill(password)
    form.locator("#login-btn").click()


def end_access_token(context, *methods):
    """The API takes the access token that is in use no more, at least not for these methods; a new one it takes."""
    ended = set()

    def spoil(route):
        headers = route.request.headers
        if route.request.method in methods:
            ended.add(next(iter(ended), headers["authorization"]))
            if headers["authorization"] in ended:
                headers = {**headers, "authorization": "Bearer ended"}
        route.continue_(headers=headers)

    context.route(ORDERS, spoil)


def end_session(context, *methods):
    """The same, and the refresh token that was given out is worth nothing either."""
    end_access_token(context, *methods)

    def spoil(route):
        sent = route.request.post_data_json
        route.continue_(post_data=json.dumps({"refreshToken": "ended"} if "refreshToken" in sent else sent))

    context.route("**/authenticate", spoil)
