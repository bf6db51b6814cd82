"""A customer's steps: browse, choose, order, follow, cancel, order again."""

import pytest
from playwright.sync_api import expect

from tests.site.steps import (
    ORDERS,
    THANKS,
    expect_message,
    orders,
    page_with_settings,
    place_order,
    put_in_cart,
    stored,
    until,
)

TRY_AGAIN = "Something went wrong. Please try again in a moment."
PICTURES = "caffe-menu-item .picture img"
ESPRESSO = {"name": "Espresso", "type": "coffee", "qty": 1}


def quantity(page, name):
    return page.get_by_label(f"Quantity of {name}")


def move(cafe, order, status):
    """Move an order as staff."""
    answer = cafe.api.patch(
        f"orders/{order['customer']}/{order['id']}", json={"status": status}, headers=cafe.sign_in("sam")
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def ordered(page, customer, sign_in):
    """The page of a customer with an accepted order."""
    return order_on(page, customer, sign_in)


def order_on(page, customer, sign_in):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    return page


def test_the_menu_shows_without_signing_in(page, inspect):
    expect(page.get_by_role("heading", name="Menu")).to_be_visible()
    expect(page.locator("caffe-menu-item")).to_have_count(6)
    expect(page.locator("caffe-menu-item").first).to_contain_text("€")
    expect(page.locator("#place-order-btn-wc")).to_be_disabled()
    inspect(page, "menu")


def test_pictures_are_loaded(page):
    pictures = page.locator(PICTURES)
    expect(pictures).to_have_count(6)
    page.wait_for_function(f"[...document.querySelectorAll('{PICTURES}')].every(({{complete}}) => complete)")
    widths = pictures.evaluate_all("pictures => pictures.map(({naturalWidth}) => naturalWidth)")
    assert all(width > 0 for width in widths)


@pytest.mark.long
def test_quantities_can_be_changed_in_every_way(page, inspect):
    put_in_cart(page, "Espresso", "Espresso", "Croissant")
    expect(quantity(page, "Espresso")).to_have_value("2")
    page.get_by_role("button", name="One more Espresso").click()
    expect(quantity(page, "Espresso")).to_have_value("3")
    page.get_by_role("button", name="One less Espresso").click()
    expect(quantity(page, "Espresso")).to_have_value("2")
    quantity(page, "Croissant").fill("12")
    expect(page.locator("caffe-cart")).to_contain_text("Total")
    inspect(page, "cart")
    page.get_by_role("button", name="Remove Croissant").click()
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(1)
    page.get_by_role("button", name="Remove Espresso").click()
    expect(page.locator("#place-order-btn-wc")).to_be_disabled()


@pytest.mark.parametrize(("typed", "taken"), [("0", "1"), ("-3", "1"), ("100", "99"), ("2.5", "3"), ("", "1")])
def test_an_invalid_quantity_is_corrected(page, typed, taken):
    put_in_cart(page, "Espresso")
    quantity(page, "Espresso").fill(typed)
    quantity(page, "Espresso").blur()
    expect(quantity(page, "Espresso")).to_have_value(taken)


def test_the_cart_survives_a_reload_and_is_shared_by_all_tabs(page, site_url):
    put_in_cart(page, "Espresso")
    page.reload()
    expect(quantity(page, "Espresso")).to_have_value("1")
    other = page.context.new_page()
    other.goto(site_url)
    put_in_cart(other, "Croissant")
    expect(quantity(page, "Croissant")).to_have_value("1")


def test_a_placed_order_is_shown_as_accepted(cafe, page, customer, sign_in, inspect):
    put_in_cart(page, "Espresso", "Espresso", "Croissant")
    sign_in(page, customer)
    place_order(page)
    expect(orders(page)).to_have_count(1)
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_contain_text("Croissant")
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(0)
    [order] = stored(cafe, customer)
    assert [(item["name"], item["qty"]) for item in order["items"]] == [("Espresso", 2), ("Croissant", 1)]
    inspect(page, "accepted")


@pytest.mark.long
def test_an_order_has_the_same_number_everywhere(cafe, ordered, customer, new_page, sign_in):
    [order] = stored(cafe, customer)
    number = f"No. {order['number']}"
    expect(orders(ordered).get_by_role("heading")).to_contain_text(number)
    board = new_page("#board")
    expect(board.locator("caffe-board caffe-sign-in")).to_be_visible()
    sign_in(board, "sam")
    expect(board.locator("caffe-board-order").get_by_role("heading", name=number, exact=True)).to_be_visible()
    expect(ordered.locator("caffe-waiting .number")).to_have_text(str(order["number"]))


def test_a_double_click_places_one_order(cafe, page, customer, sign_in):
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    page.locator("#place-order-btn-wc").dblclick()
    expect_message(page, THANKS)
    assert len(stored(cafe, customer)) == 1


def test_without_guests_the_order_is_sent_after_signing_in(
    cafe, new_context, site, site_url, customer, sign_in, inspect, page_errors
):
    page_errors.allow("Service Worker registration blocked")
    page = page_with_settings(new_context, site, site_url, guests=False)
    put_in_cart(page, "Espresso")
    page.get_by_label("Your name").fill("Zoë")
    page.locator("#place-order-btn-wc").click()
    expect(page.locator("caffe-sign-in")).to_contain_text("Sign in, and we will send your order right away.")
    inspect(page, "sign-in")
    sign_in(page, customer)
    expect(orders(page)).to_contain_text("Accepted")
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(0)
    [order] = stored(cafe, customer)
    assert order["pickupName"] == "Zoë"


def test_staff_moves_show_without_a_reload(cafe, ordered, customer):
    [order] = stored(cafe, customer)
    move(cafe, order, "ready")
    expect(orders(ordered)).to_contain_text("Ready")
    expect_message(ordered, f"Number {order['number']} is now ready.")
    move(cafe, order, "filled")
    expect(orders(ordered)).to_contain_text("Filled")


def test_an_order_is_cancelled_by_a_second_tap(cafe, ordered, customer, inspect):
    """Cancelling requires a second tap, as the first may be accidental."""
    cancel = orders(ordered).get_by_role("button", name="cancel")
    cancel.click()
    expect(cancel).to_have_text("Tap again to cancel")
    assert stored(cafe, customer)[0]["status"] == "accepted"
    inspect(ordered, "cancel")
    cancel.blur()  # the question disappears after a few seconds, which the inspection may have taken
    expect(cancel).to_have_text("Cancel order")
    cancel.click()
    cancel.click()
    expect(orders(ordered)).to_contain_text("Cancelled")
    assert stored(cafe, customer)[0]["status"] == "cancelled"
    expect(cancel).to_have_count(0)


@pytest.mark.long
def test_a_ready_order_cannot_be_cancelled(cafe, deaf_page, sign_in, customer, page_errors):
    page_errors.allow(r"409 PATCH ")
    ordered = order_on(deaf_page, customer, sign_in)
    before = stored(cafe, customer)
    answered = []

    def stale_list(route):
        if route.request.method == "GET":
            route.fulfill(json=before)
            answered.append(route)
        else:
            route.continue_()

    ordered.context.route(ORDERS, stale_list)
    # A request already in flight would still return the new state. There is at most one.
    until(ordered, lambda: answered)
    move(cafe, before[0], "ready")
    cancel = orders(ordered).get_by_role("button", name="cancel")
    cancel.click()
    cancel.click()
    alert = ordered.locator("caffe-order-history").get_by_role("alert")
    expect(alert).to_contain_text("ready")
    answered.clear()
    ordered.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # makes the page poll soon
    until(ordered, lambda: len(answered) > 1)
    expect(alert).to_contain_text("ready")  # also after another poll
    ordered.context.unroute(ORDERS)
    expect(orders(ordered)).to_contain_text("Ready")
    assert stored(cafe, customer)[0]["status"] == "ready"


def test_ordering_again_fills_the_cart(cafe, page, customer, sign_in):
    headers = cafe.sign_in(customer)
    assert cafe.api.post("orders", json={"items": [{**ESPRESSO, "qty": 3}]}, headers=headers).status_code == 201
    sign_in(page, customer)
    expect(orders(page)).to_contain_text("Accepted")  # until then, its buttons may change
    orders(page).get_by_role("button", name="again").click()
    expect(quantity(page, "Espresso")).to_have_value("3")
    place_order(page)
    expect(orders(page)).to_have_count(2)
    first, second = stored(cafe, customer)
    assert first["id"] != second["id"]


def test_a_customer_without_orders_sees_a_note(page, customer, sign_in):
    sign_in(page, customer)
    expect(page.get_by_text("No orders yet.")).to_be_visible()


def test_older_orders_are_shown_on_demand(cafe, page, customer, sign_in):
    headers = cafe.sign_in(customer)
    for _ in range(26):
        assert cafe.api.post("orders", json={"items": [ESPRESSO]}, headers=headers).status_code == 201
    sign_in(page, customer)
    expect(orders(page)).to_have_count(25)
    page.get_by_role("button", name="Show older orders").click()
    expect(orders(page)).to_have_count(26)


@pytest.mark.long
@pytest.mark.parametrize(("status", "body"), [(500, "<html>"), (502, '{"message": null}'), (503, ""), (429, "null")])
def test_an_api_failure_loses_nothing(cafe, page, customer, sign_in, page_errors, inspect, status, body):
    """After any error response, the cart is kept for another try."""
    page_errors.allow(rf"{status} POST .*/orders$")
    sign_in(page, customer)
    put_in_cart(page, "Espresso")
    failures = [status]
    page.context.route(ORDERS, lambda route: answer_first_order(route, failures, body))
    page.locator("#place-order-btn-wc").click()
    expect(page.locator("caffe-cart").get_by_role("alert")).to_have_text(TRY_AGAIN)
    expect(quantity(page, "Espresso")).to_have_value("1")
    inspect(page, "failure")
    place_order(page)
    expect(orders(page)).to_contain_text("Accepted")
    expect(page.locator("caffe-cart .error")).to_be_empty()
    assert len(stored(cafe, customer)) == 1


def answer_first_order(route, failures, body):
    if route.request.method == "POST" and failures:
        route.fulfill(status=failures.pop(), body=body)
    else:
        route.continue_()


def test_an_api_refusal_is_shown(page, customer, sign_in, page_errors):
    page_errors.allow(r"400 POST .*/orders$")
    page.evaluate("""localStorage.setItem('caffe-cart', '{"items": [{"name": "", "type": "", "qty": 1}]}')""")
    page.reload()
    sign_in(page, customer)
    page.locator("#place-order-btn-wc").click()
    expect(page.locator("caffe-cart").get_by_role("alert")).to_contain_text("body")
