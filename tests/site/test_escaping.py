"""User input is shown as text on the customer's page, the board and the payer's page."""

import pytest
from playwright.sync_api import expect

from local.cafe.seed import User, make_user
from tests.site.steps import fill_in, orders, sign_in_form

pytestmark = pytest.mark.long

ATTACKS = [
    "<img src=x onerror=window.ran=1>",
    "<script>window.ran=1</script>",
    "\"'><svg onload=window.ran=1>",
    "</caffe-cart-item><iframe srcdoc='<script>parent.ran=1</script>'>",
    "javascript:window.ran=1",
    "${window.ran=1}{{window.ran=1}}",
    "&lt;b&gt;&#60;img src=x&#62;",
    "\u202eevil\u202c \ufeff\u200b",
]
"""At most 100 characters each, the maximum length of an item's name."""


def place(cafe, name, **order):
    answer = cafe.api.post("orders", json=order, headers=cafe.sign_in(name))
    assert answer.status_code == 201, answer.text
    return answer.json()


def expect_text(page, scope, *texts):
    """Expect that the texts are shown literally and created no elements."""
    for text in texts:
        expect(scope).to_contain_text(text, use_inner_text=False)
    assert page.evaluate("window.ran") is None
    assert page.locator("[src=x], [onerror], [onload], iframe, svg[onload], a[href^='javascript:']").count() == 0
    assert page.locator("script").evaluate_all("all => all.filter(({src}) => !src).length") == 0


@pytest.fixture
def attacks(cafe, customer):
    """An order with attacks in every field that a customer can set."""
    items = [{"name": attack, "type": attack[:50], "qty": 1} for attack in ATTACKS]
    return place(cafe, customer, items=items, restaurantId=ATTACKS[0])


def test_orders_show_input_as_text(page, customer, attacks, sign_in, inspect):
    sign_in(page, customer)
    expect(orders(page)).to_have_count(1)
    expect_text(page, orders(page), *ATTACKS[:7])
    inspect(page, "attacked-orders")


def test_ordering_again_shows_input_as_text(page, customer, attacks, sign_in):
    sign_in(page, customer)
    expect(orders(page)).to_contain_text("Accepted")  # until then, its buttons may change
    orders(page).get_by_role("button", name="again").click()
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(len(ATTACKS))
    expect_text(page, page.locator("caffe-cart"), *ATTACKS[:7])


def test_the_board_shows_input_as_text(new_page, attacks, sign_in, inspect):
    page = new_page("#board")
    expect(page.locator("caffe-board caffe-sign-in")).to_be_visible()
    sign_in(page, "sam")
    board = page.locator("caffe-board")
    expect(board).to_contain_text(ATTACKS[0])
    expect_text(page, board, *ATTACKS[:7])
    inspect(page, "attacked-board")


def test_the_payers_page_shows_input_as_text(cafe, new_page, inspect, site_url):
    description = " ".join(ATTACKS[:7])
    invoice = {"description": description, "amount": 450, "currency": "EUR", "payerEmail": "payer@example.com"}
    headers = cafe.sign_in("ann")
    made = cafe.api.post("invoices", json=invoice, headers=headers)
    assert made.status_code == 201, made.text
    sent = cafe.api.post(f"invoices/{made.json()['id']}/send", headers=headers).json()
    page = new_page(f"pay.html#{sent['payLink'].rpartition('/')[2]}")
    expect_text(page, page.locator("body"), description)
    expect(page.locator("body")).to_contain_text("4.50")
    inspect(page, "attacked-invoice")


@pytest.mark.parametrize("attack", ["<img/src=x/onerror=window.ran=1>", "'\"><svg/onload=window.ran=1>"])
def test_an_email_address_is_shown_as_text(cafe, page, attack):
    address = f"{attack}@example.com"
    make_user(cafe.aws, cafe.outputs["userPoolId"], User(address))
    sign_in_form(page).evaluate("form => (form.noValidate = true)")
    fill_in(page, address)
    expect_text(page, page.locator("caffe-account"), address)


@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_a_stored_cart_is_not_trusted(page, attack):
    """A browser's storage is untrusted."""
    page.evaluate(
        "attack => localStorage.setItem('caffe-cart', JSON.stringify({items: [{name: attack, type: attack, qty: 1}]}))",
        attack,
    )
    page.reload()
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(1)
    expect_text(page, page.locator("caffe-cart"), attack)
