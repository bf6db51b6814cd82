"""Signing in, staying signed in, and signing out without traces."""

import json
import re
import secrets

import pytest
from playwright.sync_api import expect

from local.cafe.seed import PASSWORD
from tests.site.conftest import DESKTOP, PHONE
from tests.site.steps import (
    end_access_token,
    end_session,
    expect_message,
    fill_in,
    orders,
    page_with_settings,
    place_order,
    put_in_cart,
    sign_in_form,
    stored,
    until,
)


def received_tokens(page):
    """A list that collects the tokens that the page receives from now on."""
    given = []

    def look(response):
        if response.request.method == "POST" and response.url.endswith(("/authenticate", "/oauth2/token")):
            given.append(response.json())

    page.context.on("response", look)
    return given


def first(given, page):
    """Wait for the first tokens, which are collected asynchronously."""
    until(page, lambda: given)
    return given[0]


def everything_stored(page):
    """Everything that the site stores in this browser, as text: storage, databases, caches and cookies."""
    kept = page.evaluate(
        """async () => {
          const read = (request) => new Promise((resolve) => {
            request.onsuccess = () => resolve(request.result);
          });
          const kept = {local: {...localStorage}, session: {...sessionStorage}, databases: {}, caches: {}};
          for (const {name} of await indexedDB.databases()) {
            const db = await read(indexedDB.open(name));
            for (const store of db.objectStoreNames) {
              kept.databases[`${name}/${store}`] = await read(db.transaction(store).objectStore(store).getAll());
            }
            db.close();
          }
          for (const name of await caches.keys()) {
            kept.caches[name] = (await (await caches.open(name)).keys()).map(({url}) => url);
          }
          return JSON.stringify(kept);
        }"""
    )
    return kept + json.dumps(page.context.cookies())


def expect_signed_out(page):
    expect(page.locator("caffe-account").get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("caffe-account")).not_to_contain_text("@")


def stay(page):
    sign_in_form(page).get_by_label("Stay signed in").check()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_form_is_visible_as_soon_as_the_page_is_loaded(new_page, device):
    """Scripts that sign in may rely on the form without waiting or clicking."""
    page = new_page(**device)
    shown = "selector => document.querySelector(`caffe-sign-in ${selector}`).checkVisibility()"
    for selector in ("[name=username][type=email]", "[name=password][type=password]", "[name=stay]", "#login-btn"):
        assert page.evaluate(shown, selector), selector


def test_orders_replace_the_form(page, customer, sign_in):
    form = sign_in_form(page)
    sign_in(page, customer)
    expect(form).to_be_hidden()
    expect(page.get_by_role("heading", name="Your orders")).to_be_focused()
    page.get_by_role("button", name="Sign out").click()
    expect(form).to_be_visible()
    expect(page.locator("caffe-order-history")).to_be_hidden()
    expect(form).to_contain_text("Sign in to follow all your orders in one place.")


def test_the_sign_in_button_focuses_the_first_empty_field(new_page):
    page = new_page(**PHONE)
    button = page.locator("caffe-account").get_by_role("button", name="Sign in")
    button.click()
    expect(page.get_by_label("Email")).to_be_focused()
    expect(sign_in_form(page)).to_be_in_viewport(ratio=1)
    page.get_by_label("Email").fill("ann@example.com")
    button.click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_the_board_shows_the_form_and_returns_it_to_the_menu(new_page, sign_in, inspect):
    page = new_page("#board")
    form = page.locator("caffe-board caffe-sign-in form")
    expect(form).to_have_accessible_description("Sign in with a staff account to see the orders.")
    expect(page.get_by_label("Email")).to_be_focused()
    page.get_by_label("Email").fill("sam@example.com")
    page.get_by_role("link", name="Menu", exact=True).click()
    expect(page.locator("main caffe-sign-in form")).to_have_accessible_description(
        "Sign in to follow all your orders in one place."
    )
    expect(page.get_by_label("Email")).to_have_value("sam@example.com")
    page.go_back()
    expect(form).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    sign_in(page, "sam")
    expect(form).to_be_hidden()
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_focused()


@pytest.mark.long
def test_the_board_does_not_take_the_focus_from_somebody_who_types(new_context, site_url, page_errors):
    page_errors.allow("Service Worker registration blocked")
    context = new_context(service_workers="block")
    held = []
    context.route("**/caffe-board.js*", lambda route: held.append(route))
    page = context.new_page()
    page.goto(f"{site_url}#board")
    email = page.get_by_label("Email")
    email.press_sequentially("sa")
    until(page, lambda: held)

    held[0].continue_()
    expect(page.locator("caffe-board caffe-sign-in form")).to_be_visible()
    page.keyboard.type("m@example.com")

    expect(email).to_have_value("sam@example.com")


def ordered_without_session(new_context, site, site_url):
    """The page after an order without a session, at a café that takes no guests: it asks to sign in."""
    page = page_with_settings(new_context, site, site_url, guests=False)
    put_in_cart(page, "Espresso")
    page.get_by_label("Your name").fill("Zoë")
    page.locator("#place-order-btn-wc").click()
    expect(sign_in_form(page)).to_contain_text("Sign in, and we will send your order right away.")
    return page


def test_an_order_changed_before_signing_in_is_not_sent_automatically(
    new_context, site, site_url, customer, sign_in, page_errors
):
    page_errors.allow("Service Worker registration blocked")
    page = ordered_without_session(new_context, site, site_url)
    put_in_cart(page, "Croissant")
    expect(sign_in_form(page)).to_contain_text("Sign in to follow all your orders in one place.")
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(2)


def test_an_order_that_was_promised_is_sent_after_a_reload_and_signing_in(
    cafe, new_context, site, site_url, customer, sign_in, page_errors
):
    page_errors.allow("Service Worker registration blocked")
    page = ordered_without_session(new_context, site, site_url)
    page.reload()
    expect(sign_in_form(page)).to_contain_text("Sign in, and we will send your order right away.")
    sign_in(page, customer)
    expect(orders(page)).to_contain_text("Accepted")
    assert [order["pickupName"] for order in stored(cafe, customer)] == ["Zoë"]
    page.reload()
    expect(sign_in_form(page)).to_contain_text("Sign in to follow all your orders in one place.")


def test_a_promise_is_forgotten_when_the_cart_changes_after_a_reload(
    new_context, site, site_url, customer, sign_in, page_errors
):
    page_errors.allow("Service Worker registration blocked")
    page = ordered_without_session(new_context, site, site_url)
    page.reload()
    expect(sign_in_form(page)).to_contain_text("send your order right away.")
    put_in_cart(page, "Croissant")
    expect(sign_in_form(page)).to_contain_text("Sign in to follow all your orders in one place.")
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()


def test_a_wrong_password_is_reported_and_the_email_address_stays(page, inspect, page_errors):
    page_errors.allow(r"401 POST .*/authenticate")
    fill_in(page, "ann", "Wrong-password-1")
    expect(page.locator("caffe-sign-in")).to_contain_text("The email address or the password is wrong.")
    expect(page.get_by_label("Email")).to_have_value("ann@example.com")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    inspect(page, "wrong-password")
    fill_in(page, "ann")
    expect(page.locator("caffe-account")).to_contain_text("ann@example.com")


def test_an_unknown_account_gets_the_same_message(page, page_errors):
    page_errors.allow(r"401 POST .*/authenticate")
    fill_in(page, "nobody")
    expect(page.locator("caffe-sign-in")).to_contain_text("The email address or the password is wrong.")


@pytest.mark.long
def test_a_temporary_password_must_be_changed(cafe, page, customer, inspect, page_errors):
    page_errors.allow(r"40[09] POST .*/authenticate")
    cafe.aws.client("cognito-idp").admin_set_user_password(
        UserPoolId=cafe.outputs["userPoolId"], Username=f"{customer}@example.com", Password=PASSWORD, Permanent=False
    )
    fill_in(page, customer)
    page.get_by_role("button", name="Start over").click()
    fill_in(page, customer)
    page.get_by_label("New password").fill("Another-local-2")
    inspect(page, "new-password")
    page.locator("caffe-sign-in").get_by_role("button").first.click()
    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")


def test_signing_in_on_the_hosted_page_uses_pkce(cafe, page, customer, site_url, inspect):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    put_in_cart(page, "Espresso")
    sign_in_form(page).get_by_role("button", name="Sign in on the account page").click()
    page.wait_for_url("**/oauth2/authorize?**")
    assert "code_challenge_method=S256" in page.url
    assert re.search(r"[?&]state=[\w-]{20,}", page.url)
    page.locator("[name=username]").fill(f"{customer}@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")
    assert page.url == site_url, "the code is still in the URL"
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    assert not [url for url in asked if "token=" in url]


def test_an_order_that_was_promised_is_sent_after_signing_in_on_the_hosted_page(
    cafe, new_context, site, site_url, customer, page_errors
):
    page_errors.allow("Service Worker registration blocked")
    page = ordered_without_session(new_context, site, site_url)
    sign_in_form(page).get_by_role("button", name="Sign in on the account page").click()
    page.wait_for_url("**/oauth2/authorize?**")
    page.locator("[name=username]").fill(f"{customer}@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(orders(page)).to_contain_text("Accepted")
    assert len(stored(cafe, customer)) == 1


def test_a_code_that_was_not_requested_is_refused(new_page, site_url, inspect):
    """A link with another user's code must not sign the visitor in (login CSRF)."""
    page = new_page("?code=stolen&state=of-somebody-else")
    expect(page.locator("caffe-sign-in")).to_contain_text("That sign-in was not started here")
    assert page.url == site_url
    inspect(page, "foreign-code")


def test_an_error_from_the_hosted_page_shows_the_form(new_page, site_url):
    page = new_page("?error=access_denied&error_description=%3Cimg%20src=x%3E&state=of-somebody-else")
    expect(page.locator("caffe-sign-in")).to_contain_text("That sign-in was not started here")
    assert page.locator("img[src=x]").count() == 0
    assert page.url == site_url


def test_without_staying_signed_in_no_token_is_stored(page, customer, sign_in):
    given = received_tokens(page)
    sign_in(page, customer)
    tokens = first(given, page)
    kept = everything_stored(page)
    assert not [kind for kind, token in tokens.items() if isinstance(token, str) and len(token) > 20 and token in kept]
    page.reload()
    expect_signed_out(page)


@pytest.mark.long
def test_staying_signed_in_lasts_until_the_next_visit(page, customer, sign_in, site_url):
    given = received_tokens(page)
    stay(page)
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    kept = everything_stored(page)
    tokens = first(given, page)
    assert tokens["refreshToken"] in kept
    assert tokens["accessToken"] not in kept
    assert tokens["idToken"] not in kept
    context = page.context
    page.close()
    page = context.new_page()
    page.add_init_script(
        """requestAnimationFrame(function look() {
          window.asked ||= document.querySelector('caffe-sign-in')?.checkVisibility();
          requestAnimationFrame(look);
        })"""
    )
    page.goto(site_url)
    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")
    expect(orders(page)).to_have_count(1)
    page.wait_for_function("window.asked !== undefined")
    assert page.evaluate("window.asked") is False, "the form was visible for a moment"


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.long
def test_signing_out_revokes_the_token_and_leaves_nothing_private(cafe, page, customer, sign_in, inspect, stays):
    given = received_tokens(page)
    if stays:
        stay(page)
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    put_in_cart(page, "Croissant")
    refresh = {"refreshToken": first(given, page)["refreshToken"]}
    assert cafe.api.post("authenticate", json=refresh).status_code == 200
    with page.expect_response(lambda response: "RevokeToken" in str(response.request.headers.values())):
        page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)
    expect(orders(page)).to_have_count(0)
    inspect(page, "signed-out")
    assert cafe.api.post("authenticate", json=refresh).status_code == 401
    left = everything_stored(page) + page.content()
    assert customer not in left
    assert not [token for answer in given for token in answer.values() if str(token) in left and len(str(token)) > 20]
    expect(page.locator("caffe-cart")).to_contain_text("Croissant")
    page.reload()
    expect_signed_out(page)


def test_an_expired_access_token_is_renewed_silently(cafe, page, customer, sign_in, page_errors):
    page_errors.allow(r"401 (GET|POST) .*/orders")
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    end_access_token(page.context, "GET", "POST")
    put_in_cart(page, "Espresso")
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")


def test_an_expired_session_asks_to_sign_in_and_keeps_the_cart(page, customer, sign_in, inspect, page_errors):
    page_errors.allow(r"401 (GET|POST) .*/orders", r"401 POST .*/authenticate")
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    put_in_cart(page, "Espresso", "Croissant")
    end_session(page.context, "POST")
    page.locator("#place-order-btn-wc").click()
    why = "Please sign in again, and we will send your order right away."
    expect(page.locator("caffe-sign-in")).to_contain_text(why)
    expect(page.get_by_label("Email")).to_be_focused()
    expect(page.locator("#sign-in-why")).to_have_attribute("aria-live", "polite")
    assert why not in page.evaluate("messages")
    inspect(page, "session-ended")
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(2)
    sign_in(page, customer)
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_have_count(1)
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(0)


@pytest.mark.long
def test_a_session_that_expires_while_polling_keeps_the_cart(deaf_page, customer, sign_in, page_errors):
    page_errors.allow(r"401 GET .*/orders", r"401 POST .*/authenticate")
    page = deaf_page
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    put_in_cart(page, "Espresso")
    end_session(page.context, "GET")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("caffe-sign-in")).to_contain_text("Please sign in again. Your cart stays as it is.")
    expect(page.get_by_label("Email")).to_be_focused()
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    place_order(page)


def test_a_session_that_expires_in_the_background_does_not_take_the_focus(page, customer, sign_in, page_errors):
    page_errors.allow(r"401 GET .*/orders", r"401 POST .*/authenticate")
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    put_in_cart(page, "Espresso")
    quantity = page.get_by_label("Quantity of Espresso")
    quantity.focus()
    end_session(page.context, "GET")
    page.evaluate("dispatchEvent(new Event('online'))")  # makes the page poll
    expect(sign_in_form(page)).to_contain_text("Please sign in again. Your cart stays as it is.")
    expect_message(page, "Please sign in again. Your cart stays as it is.")
    expect(quantity).to_be_focused()
    expect(page.locator("#sign-in-why")).to_have_attribute("aria-live", "off")  # so that it is announced only once


def test_no_url_contains_a_token(page, customer, sign_in):
    given = received_tokens(page)
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    tokens = first(given, page)
    secrets = [token for token in tokens.values() if isinstance(token, str) and len(token) > 20]
    assert len(secrets) >= 3
    assert not [url for url in asked for token in secrets if token in url]


@pytest.mark.long
def test_a_new_account_is_confirmed_by_a_code_and_signs_in(page, inspect, page_errors, cafe):
    name = f"new-{secrets.token_hex(4)}@example.com"
    form = sign_in_form(page)
    form.get_by_role("button", name="Create an account").click()
    form.get_by_label("Email").fill(name)
    form.get_by_label("New password").fill(PASSWORD)
    inspect(page, "sign-up")
    form.get_by_role("button", name="Create account").click()
    expect(form).to_contain_text("We have sent you an email.")
    page_errors.allow(r"400 POST .*/$")
    form.get_by_label("Code from the email").fill("000000")
    form.get_by_role("button", name="Confirm").click()
    expect(form.get_by_role("alert")).to_have_text("The code is wrong.")
    form.get_by_label("Code from the email").fill(mailed_code(cafe, name))
    form.get_by_role("button", name="Confirm").click()
    expect(page.locator("caffe-account")).to_contain_text(name)


@pytest.mark.long
def test_an_account_that_was_not_confirmed_gets_another_code(page, cafe, page_errors):
    page_errors.allow(r"400 POST .*/$")
    name = f"late-{secrets.token_hex(4)}@example.com"
    client = cafe.aws.client("cognito-idp")
    client.sign_up(ClientId=cafe.outputs["userPoolClientId"], Username=name, Password=PASSWORD)
    form = sign_in_form(page)
    form.get_by_role("button", name="Create an account").click()
    form.get_by_label("Email").fill(name)
    form.get_by_label("New password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    form.get_by_label("Code from the email").fill(mailed_code(cafe, name))
    form.get_by_role("button", name="Confirm").click()
    expect(page.locator("caffe-account")).to_contain_text(name)


@pytest.mark.long
def test_a_forgotten_password_is_replaced(page, customer, inspect, cafe, page_errors):
    page_errors.allow(r"401 POST .*/authenticate")
    form = sign_in_form(page)
    form.get_by_label("Email").fill(f"{customer}@example.com")
    form.get_by_role("button", name="Forgot your password?").click()
    expect(form.get_by_label("Email")).to_have_value(f"{customer}@example.com")
    form.get_by_role("button", name="Send a code").click()
    form.get_by_label("Code from the email").fill(mailed_code(cafe, f"{customer}@example.com"))
    form.get_by_label("New password").fill("Another-password-1")
    inspect(page, "forgotten-password")
    form.get_by_role("button", name="Set password").click()
    expect(page.locator("caffe-account")).to_contain_text(f"{customer}@example.com")


def test_an_account_that_exists_is_not_created_again(page, page_errors):
    """Cognito sends no code to an account that is confirmed; the emulator does."""
    page_errors.allow(r"400 POST .*/$")

    def refuse(route):
        if "ResendConfirmationCode" in route.request.headers.get("x-amz-target", ""):
            route.fulfill(status=400, json={"__type": "InvalidParameterException", "message": "User is confirmed."})
        else:
            route.continue_()

    page.context.route(re.compile(r"^http://localhost:\d+/$"), refuse)
    form = sign_in_form(page)
    form.get_by_role("button", name="Create an account").click()
    form.get_by_label("Email").fill("ann@example.com")
    form.get_by_label("New password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    expect(form.get_by_role("alert")).to_have_text("There is already an account with this email address.")
    form.get_by_role("button", name="Start over").click()
    fill_in(page, "ann")
    expect(page.locator("caffe-account")).to_contain_text("ann@example.com")


@pytest.mark.long
def test_another_account_in_another_tab_is_not_taken_over_without_a_word(
    page, site_url, customer, new_user, sign_in, page_errors
):
    page_errors.allow(r"401 POST .*/authenticate")  # a renewal on its way while the other tab signs out
    stay(page)
    sign_in(page, customer)
    other = page.context.new_page()
    other.goto(site_url)
    expect(other.locator("caffe-account")).to_contain_text(customer)
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(other)
    sign_in(other, customer)
    stay(page)
    sign_in(page, new_user())
    expect(sign_in_form(other)).to_contain_text("Somebody else signed in in another tab.")
    expect_signed_out(other)


def mailed_code(cafe, name):
    """The code in the email that the emulator did not send."""
    users = cafe.aws.client("cognito-idp").list_users(UserPoolId=cafe.outputs["userPoolId"])["Users"]
    status = next(
        it["UserStatus"] for it in users if name in (it["Username"], *(value["Value"] for value in it["Attributes"]))
    )
    return "123456" if status == "UNCONFIRMED" else "654321"
