"""The payment page behind a payer's link, with a fake API, and once with the café."""

import hashlib
import json
from collections import deque

import pytest
from playwright.sync_api import expect

from lambdas.invoices.currencies import CODES, format_amount
from tests.site.conftest import NARROW
from tests.site.small_site import small_site
from tests.site.steps import until

pytestmark = pytest.mark.long

TOKEN = "Tk_-" * 10 + "abc"
NUMBER = hashlib.sha256(TOKEN.encode()).hexdigest()[:8].upper()
INVOICE = {
    "description": "Two cakes",
    "amount": 4250,
    "currency": "EUR",
    "status": "sent",
    "_sentAt": 1_790_000_000_000,
}
PAID = {**INVOICE, "status": "paid", "method": "card", "_paidAt": 1_790_000_100_000}


@pytest.fixture(scope="module")
def site():
    with small_site() as site:
        yield site


class Api:
    """Returns the configured answers in order, each once, and then repeats the last one. An answer is an invoice, a
    status with its detail, or `None` for no response."""

    def __init__(self):
        self.invoices = deque([INVOICE])
        self.payments = deque([PAID])
        self.asked = []

    def route(self, route):
        request = route.request
        self.asked.append(request)
        answers = self.payments if request.method == "POST" else self.invoices
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        if answer is None:
            return route.abort()
        if isinstance(answer, tuple):
            status, detail = answer
            return route.fulfill(status=status, json={"status": status, "detail": detail})
        return route.fulfill(json=answer)

    @property
    def keys(self):
        """The idempotency keys received."""
        return [request.headers["idempotency-key"] for request in self.asked if request.method == "POST"]


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def open_link(new_context, site, api, page_errors):
    """Opens a payer's link."""
    page_errors.allow("/dev/pay/")

    def open_link(token=TOKEN, **options):
        context = new_context(**options)
        context.route("**/dev/pay/*", api.route)
        page = context.new_page()
        page.goto(f"{site.url}/pay.html#{token}")
        return page

    return open_link


def pay(page):
    page.get_by_role("button", name="Pay €42.50").click()


def heading(page):
    return page.get_by_role("heading", level=1)


def alert(page):
    return page.locator("caffe-invoice .error")


@pytest.mark.parametrize("options", [{}, {**NARROW, "color_scheme": "dark"}])
def test_the_link_shows_the_invoice(open_link, inspect, options):
    page = open_link(timezone_id="UTC", **options)
    expect(heading(page)).to_have_text("Your invoice")
    stand_in = "This page stands in for a payment provider: no money is moved."
    for text in ("Two cakes", "€42.50", f"To the café · Invoice {NUMBER}", "Sent on 21 September 2026", stand_in):
        expect(page.get_by_text(text, exact=False).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inspect(page, f"invoice-{options.get('color_scheme', 'light')}")


def test_paying_takes_one_click_and_shows_the_receipt(open_link, api, inspect):
    page = open_link(timezone_id="UTC")
    page.get_by_role("button", name="Pay").focus()
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Paid. Thank you!")
    expect(heading(page)).to_be_focused()
    expect(page.get_by_text("Paid on 21 September 2026")).to_contain_text("by card")
    expect(page.get_by_role("button", name="Print the receipt")).to_be_visible()
    assert api.asked[-1].post_data_json == {"method": "card"}
    inspect(page, "paid")
    page.emulate_media(media="print")
    expect(page.get_by_text(f"Invoice {NUMBER}", exact=False)).to_be_visible()
    expect(page.locator("button")).to_be_hidden()


def test_a_double_click_pays_once(open_link, api):
    page = open_link()
    page.get_by_role("button", name="Pay").dblclick()
    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert len(api.keys) == 1


def test_a_retry_after_a_lost_response_is_the_same_attempt(open_link, api, inspect):
    api.payments = deque([None, (502, "Bad gateway"), None, PAID])
    page = open_link()
    pay(page)
    expect(alert(page)).to_have_text(
        "We do not know whether the payment went through. Try again: you will not pay twice."
    )
    inspect(page, "invoice-unsure")
    pay(page)
    until(page, lambda: len(api.keys) == 2)
    page.reload()
    pay(page)
    expect(alert(page)).to_contain_text("you will not pay twice")
    pay(page)
    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert len(api.keys) == 4
    assert len(set(api.keys)) == 1
    assert TOKEN not in api.keys[0]


def test_a_retry_after_a_decline_is_a_new_attempt(open_link, api, inspect):
    api.payments = deque([(409, "The payment was declined."), PAID])
    page = open_link()
    pay(page)
    expect(alert(page)).to_have_text("The payment was declined.")
    inspect(page, "invoice-declined")
    pay(page)
    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert len(set(api.keys)) == 2


def test_a_busy_provider_is_reported(open_link, api):
    api.payments = deque([(429, "The payment provider does not respond. Try again in a moment."), PAID])
    page = open_link()
    pay(page)
    expect(alert(page)).to_have_text("The payment provider does not respond. Try again in a moment.")
    pay(page)
    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert len(set(api.keys)) == 1


def test_a_paid_invoice_cannot_be_paid_again(open_link, api):
    api.invoices = deque([PAID])
    page = open_link()
    expect(heading(page)).to_have_text("Paid. Thank you!")
    expect(page.get_by_role("button", name="Pay")).to_have_count(0)


def test_a_withdrawn_invoice_is_reported(open_link, api, inspect):
    api.invoices = deque([(409, "This invoice has been withdrawn.")])
    page = open_link()
    expect(heading(page)).to_have_text("Nothing to pay")
    expect(page.get_by_text("This invoice has been withdrawn.")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    inspect(page, "invoice-void")


def test_an_invoice_withdrawn_in_the_meantime_is_reported(open_link, api):
    api.payments = deque([(409, "This invoice has been withdrawn.")])
    page = open_link()
    expect(page.get_by_role("button")).to_be_visible()
    api.invoices = deque([(409, "This invoice has been withdrawn.")])
    pay(page)
    expect(heading(page)).to_have_text("Nothing to pay")


def test_an_unknown_link_is_reported(open_link, api, inspect):
    api.invoices = deque([(404, "Not found.")])
    page = open_link()
    expect(heading(page)).to_have_text("Invoice not found")
    inspect(page, "invoice-unknown")


@pytest.mark.parametrize("token", ["", "short", TOKEN + "x", "../orders", "%00" * 43, "<img src=x onerror=alert(1)>"])
def test_an_invalid_link_sends_no_request(open_link, api, token):
    page = open_link(token)
    expect(heading(page)).to_have_text("Invoice not found")
    assert api.asked == []


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "The café cannot be reached right now. Check your connection and try again."),
        ((500, "No."), "Something went wrong. Please try again in a moment."),
    ],
)
def test_an_invoice_that_fails_to_load_can_be_retried(open_link, api, inspect, answer, text):
    api.invoices = deque([answer, INVOICE])
    page = open_link()
    expect(page.get_by_text(text)).to_be_visible()
    inspect(page, "invoice-unreachable")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Two cakes")).to_be_visible()


def test_another_link_in_the_same_tab_shows_its_invoice(open_link, api):
    page = open_link()
    expect(page.get_by_text("Two cakes")).to_be_visible()
    api.invoices = deque([{**INVOICE, "description": "A loaf"}])
    page.evaluate("token => (location.hash = token)", "B" * 43)
    expect(page.get_by_text("A loaf")).to_be_visible()
    assert [request.url[-43:] for request in api.asked] == [TOKEN, "B" * 43]


def test_the_token_is_sent_only_to_the_api(open_link, page_errors):
    requests = []
    page = open_link()
    page.on("request", lambda request: requests.append(request))
    page.reload()
    pay(page)
    expect(heading(page)).to_have_text("Paid. Thank you!")
    for request in requests:
        content = json.dumps([request.url.partition("#")[0], request.headers, request.post_data])
        assert (TOKEN in content) == ("/dev/pay/" in request.url)
        assert "referer" not in request.headers or TOKEN not in request.headers["referer"]
    assert TOKEN not in page.title()
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"


def test_the_payees_input_is_shown_as_text(open_link, api):
    attack = "<img src=x onerror=window.ran=1>\"'><script>window.ran=1</script>\n" + "x" * 400
    api.invoices = deque([{**INVOICE, "description": attack}])
    api.payments = deque([{**PAID, "description": attack, "method": "<i>x</i>"}])
    page = open_link(**NARROW)
    expect(page.locator(".description")).to_have_text(attack)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pay(page)
    expect(page.get_by_text("by <i>x</i>")).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_amounts_have_the_apis_number_of_digits(open_link):
    page = open_link()
    shown = page.evaluate(
        """async (codes) => {
          const {money} = (await import('/texts.js')).texts;
          return Object.fromEntries(codes.map((code) => [code, money(1234567, code).replace(/[^0-9.]/g, '')]));
        }""",
        sorted(CODES),
    )
    assert shown == {code: format_amount(1234567, code).split()[0] for code in CODES}


def test_the_link_of_a_sent_invoice_opens_the_payment_page(cafe, new_page):
    payee = cafe.sign_in("bob")
    invoice = {"description": "Zwei Kuchen 🍰", "amount": 1250, "currency": "JPY"}
    id_ = cafe.api.post("invoices", json=invoice, headers=payee).json()["id"]
    link = cafe.api.post(f"invoices/{id_}/send", headers=payee).json()["payLink"]
    page = new_page()
    page.goto(link)
    expect(page).to_have_url(f"{cafe.outputs['webappUrl']}pay.html#{link[-43:]}")
    expect(page.get_by_text("Zwei Kuchen 🍰")).to_be_visible()
    page.get_by_role("button", name="Pay ¥1,250").or_(page.get_by_role("button", name="Pay JP¥1,250")).click()
    expect(heading(page)).to_have_text("Paid. Thank you!")
    assert cafe.api.get(f"invoices/{id_}", headers=payee).json()["status"] == "paid"
