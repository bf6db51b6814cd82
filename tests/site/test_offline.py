"""Offline, the site opens, and orders wait and are sent once. A new version replaces the old one as a whole."""

import json
import time
from threading import Event

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.local.conftest import soonest
from tests.site.small_site import PUBLIC, small_site
from tests.site.steps import expect_message, fill_in, orders, place_order, put_in_cart, sign_in_form, until

pytestmark = pytest.mark.long

POST = "POST /dev/orders"
OLD = "Good things, freshly made."
NEW = "Good things, twice as fresh."


@pytest.fixture
def site():
    with small_site() as site:
        yield site


@pytest.fixture
def context(new_context, page_errors):
    page_errors.allow("net::ERR_")  # these tests take the network away
    return new_context()


@pytest.fixture
def open_page(site, context):
    """Opens the site and waits until it works offline."""

    def open_page(path="/"):
        page = context.new_page()
        page.goto(site.url + path)
        until(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"))
        return page

    return open_page


@pytest.fixture
def network(site, context):
    """Takes the network down and up."""

    class Network:
        def goes_down(self):
            site.is_up = False
            context.set_offline(True)

        def comes_up(self):
            site.is_up = True
            context.set_offline(False)

        def flickers(self):
            self.goes_down()
            self.comes_up()

    return Network()


def sign_in(page, name="ann", *, stay=False):
    form = sign_in_form(page)
    form.get_by_role("switch", name="Stay signed in").set_checked(stay)
    fill_in(page, name)
    expect(page.locator("caffe-account")).to_contain_text(f"{name}@example.com")


def order_offline(page, *names):
    """Place an order while offline."""
    waiting = orders(page).filter(has_text="Not sent yet")
    before = waiting.count()
    put_in_cart(page, *(names or ["Espresso"]))
    page.locator("#place-order-btn-wc").click()
    expect(waiting).to_have_count(before + 1)


def stored_items(page, store):
    """The items of an object store of the page's database."""
    return page.evaluate("(store) => import('/lib/db.js').then(({all}) => all(store))", store)


def versions(page):
    """How many complete versions of the site are cached."""
    return page.evaluate(
        """async () => {
          const lists = (await caches.keys()).map((cacheName) => caches.match('/precache.json', {cacheName}));
          return (await Promise.all(lists)).filter(Boolean).length;
        }"""
    )


def has_newest(page, site):
    """Whether the newest version is cached completely."""
    newest = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith('site-')).sort();
          const lists = await Promise.all(names.map((cacheName) => caches.match('/precache.json', {cacheName})));
          return lists.filter(Boolean).at(-1)?.json();
        }"""
    )
    return (newest["version"], newest["policy"]) == (site.version, site.headers["Content-Security-Policy"])


def update_page(page, site):
    """Reload until the page has the newest version, however slow the machine is."""
    page.reload()
    until(page, lambda: has_newest(page, site))
    page.reload()


# --- Opening the site ---


def test_the_site_opens_offline(site, open_page, network):
    page = open_page()
    network.goes_down()
    for path in ("/", "/index.html", "/?from=poster", "/pay.html#token"):
        page.goto(site.url + path)
        expect(page.locator("h1")).to_have_count(1)
    page.goto(site.url)
    expect(page.locator("caffe-menu-item")).to_have_count(6)


def test_the_first_visit_keeps_working_offline(open_page, network):
    page = open_page()
    network.goes_down()
    put_in_cart(page, "Espresso")
    page.get_by_label("Your name").fill("Zoë")
    page.locator("#place-order-btn-wc").click()
    expect(orders(page)).to_contain_text("Not sent")


def test_a_guests_first_order_is_sent_only_when_the_guest_says_so(site, open_page, network):
    page = open_page()
    network.goes_down()
    put_in_cart(page, "Espresso")
    page.get_by_label("Your name").fill("Zoë")
    page.locator("#place-order-btn-wc").click()
    expect(orders(page)).to_contain_text("It was saved on this device")
    network.comes_up()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.reload()
    expect(orders(page)).to_contain_text("It was saved on this device")
    assert site.orders == {}

    orders(page).get_by_role("button", name="Send now").click()

    expect(orders(page)).to_contain_text("Accepted")
    (order,) = site.orders.values()
    assert (order["customer"], order["pickupName"]) == ("guest-0", "Zoë")
    expect(orders(page)).to_have_count(1)


def test_a_hanging_network_delays_a_page_by_a_second(site, open_page):
    page = open_page()
    site.gates = {"/precache.json": Event(), "/api.json": Event()}

    def seconds():
        start = time.monotonic()
        page.reload()
        expect(page.locator("caffe-menu-item")).to_have_count(6)
        return time.monotonic() - start

    assert soonest(seconds, 4) < 4


def test_api_responses_are_not_cached(site, open_page):
    page = open_page()
    sign_in(page)
    put_in_cart(page, "Espresso")
    place_order(page)
    paths = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
          }
          return found;
        }"""
    )
    assert "/app.js" in paths
    assert not [path for path in paths if path.startswith(("/dev/", "/openapi"))]


# --- New versions ---


def test_a_new_version_shows_on_the_first_reload(site, open_page):
    # The default wait of a second would be too short on a busy machine.
    site.publish("/service-worker.js", "TIMEOUT_MS = 1000", "TIMEOUT_MS = 60_000")
    page = open_page()
    site.publish("/", OLD, NEW)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)


def test_a_slow_new_version_shows_on_the_second_reload(site, open_page):
    page = open_page()
    site.publish("/", OLD, NEW)
    site.gates = {"/": Event()}
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    site.gates["/"].set()
    until(page, lambda: has_newest(page, site))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)


def test_only_changed_files_are_fetched(site, open_page):
    page = open_page()
    site.publish("/", OLD, NEW)
    before = site.asked.copy()
    update_page(page, site)
    assert [site.count(f"GET {path}") - before.count(f"GET {path}") for path in ("/", "/app.css")] == [1, 0]


def test_an_incomplete_version_is_never_shown(site, open_page):
    page = open_page()
    old = site.files["/texts.js"]
    site.publish("/texts.js", "'Sign in to follow all your orders in one place.'", "'New words'")
    site.publish("/", OLD, NEW)
    new, site.files["/texts.js"] = site.files["/texts.js"], old  # not published yet
    tries = site.count("GET /texts.js")
    page.reload()
    until(page, lambda: site.count("GET /texts.js") > tries)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    expect(page.locator("caffe-sign-in")).to_contain_text("Sign in to follow")
    site.files["/texts.js"] = new
    update_page(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    expect(page.locator("caffe-sign-in")).to_contain_text("New words")


def test_an_incomplete_cache_is_not_used(site, open_page, network):
    page = open_page()
    page.evaluate("caches.open('site-9999').then((cache) => cache.put('/', new Response('half')))")
    network.goes_down()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    network.comes_up()
    site.publish("/", OLD, NEW)
    update_page(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    until(page, lambda: "site-9999" not in page.evaluate("caches.keys()"))


def test_an_open_page_keeps_its_version(site, open_page):
    first, second = open_page(), open_page()
    first.reload()
    site.publish("/menu.json", "Espresso", "Ristretto")
    update_page(second, site)
    assert [page.evaluate("fetch('/menu.json').then((it) => it.json())")[0]["name"] for page in (first, second)] == [
        "Espresso",
        "Ristretto",
    ]


def test_old_versions_are_deleted(site, open_page):
    page = open_page()
    for number in range(4):
        site.files["/app.css"] += f"/* {number} */".encode()
        site.list_files()
        page.reload()
        until(page, lambda: has_newest(page, site))
    until(page, lambda: versions(page) == 3)


def test_a_changed_content_security_policy_reaches_unchanged_pages(site, open_page):
    page = open_page()
    policy = f"{site.headers['Content-Security-Policy']}; object-src 'none'"
    site.headers["Content-Security-Policy"] = policy
    update_page(page, site)
    assert page.evaluate("fetch('/').then((it) => it.headers.get('Content-Security-Policy'))") == policy


# --- Waiting orders ---


def test_an_order_waits_and_is_sent_once_when_the_network_is_back(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes_down()
    order_offline(page)
    assert site.orders == {}
    network.comes_up()
    expect(orders(page)).to_have_count(1)
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: stored_items(page, "orders") == [])


def test_orders_are_sent_in_the_sequence_they_were_placed(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes_down()
    for name in ("Espresso", "Lemonade", "Croissant"):
        order_offline(page, name)
    network.comes_up()
    until(page, lambda: len(site.orders) == 3)
    assert [order["items"][0]["name"] for order in site.orders.values()] == ["Espresso", "Lemonade", "Croissant"]


def test_an_order_survives_the_page_and_is_sent_by_the_next_one(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes_down()
    order_offline(page)
    page.close()
    network.comes_up()
    page = open_page()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: stored_items(page, "orders") == [])


def test_an_order_can_be_placed_on_a_page_opened_offline(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes_down()
    page.reload()
    expect(page.locator("caffe-account")).to_contain_text("ann@example.com")
    order_offline(page)
    page.reload()
    expect(orders(page)).to_contain_text("Not sent yet")
    network.comes_up()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1


def test_an_order_is_sent_while_no_page_is_open(site, context, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes_down()
    order_offline(page)
    empty = context.new_page()
    devtools = context.new_cdp_session(empty)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    until(empty, lambda: registrations)
    page.close()
    network.comes_up()
    sync = {"origin": site.url, "registrationId": registrations[0]["registrationId"], "tag": "outbox"}
    devtools.send("ServiceWorker.dispatchSyncEvent", {**sync, "lastChance": False})
    until(empty, lambda: site.orders)
    page = open_page()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: stored_items(page, "orders") == [])


def test_signing_in_again_sends_the_order(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes_down()
    order_offline(page)
    page.close()
    network.comes_up()
    page = open_page()
    # Until then it is told that there is one, but nobody else is told what it is.
    expect(orders(page)).to_contain_text("Not sent yet")
    expect(orders(page)).to_contain_text("It will be sent when the customer signs in again.")
    expect(orders(page).locator("caffe-cart-item")).to_have_count(0)
    sign_in(page)
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1


def test_two_tabs_send_an_order_once_and_both_show_it(site, open_page, network):
    first = open_page()
    sign_in(first, stay=True)
    second = open_page()
    expect(second.locator("caffe-account")).to_contain_text("ann@example.com")
    network.goes_down()
    order_offline(first)
    expect(orders(second)).to_contain_text("Not sent yet")
    site.delays = {"/dev/orders": 0.3}
    network.comes_up()
    for page in (first, second):
        expect(orders(page)).to_contain_text("Accepted")
        expect(orders(page)).to_have_count(1)
    assert site.count(POST) == 1


def test_an_order_whose_response_was_lost_is_stored_once(site, open_page, network):
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    assert len(site.orders) == 1
    site.loses_answers = False
    network.flickers()
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_have_count(1)
    assert len(site.orders) == 1
    assert site.count(POST) > 1
    until(page, lambda: stored_items(page, "orders") == [])


def test_an_order_changed_in_the_meantime_counts_as_sent(site, open_page, network, page_errors):
    page_errors.allow("409 POST")
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    (stored,) = site.orders.values()
    stored["items"] = [{"name": "Mint tea", "type": "tea", "qty": 2}]
    site.loses_answers = False
    network.flickers()
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_contain_text("Mint tea")
    until(page, lambda: stored_items(page, "orders") == [])


def test_an_order_that_may_have_changed_waits_until_that_is_known(site, open_page, network, page_errors):
    page_errors.allow("409 POST", "503 GET")
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    (stored,) = site.orders.values()
    stored["items"] = [{"name": "Mint tea", "type": "tea", "qty": 2}]
    site.refusals[f"GET /dev/orders/ann/{stored['id']}"] = 503, "Busy."
    site.loses_answers = False
    network.flickers()
    until(page, lambda: site.count(f"GET /dev/orders/ann/{stored['id']}"))
    expect(orders(page).first).to_contain_text("Not sent yet")
    site.refusals.clear()
    network.flickers()
    expect(orders(page)).to_contain_text("Mint tea")


def test_a_refused_order_shows_the_reason_and_is_not_sent_again(site, open_page, network, page_errors):
    page_errors.allow("400 POST")
    page = open_page()
    sign_in(page, stay=True)
    network.goes_down()
    order_offline(page, "Espresso")
    order_offline(page, "Lemonade")
    site.refusals[POST] = 400, "The machine is broken."
    network.comes_up()
    expect(page.get_by_text("The machine is broken.")).to_have_count(2)
    expect(orders(page).first).to_contain_text("Not accepted")
    site.refusals.clear()
    page.reload()
    expect(page.get_by_text("The machine is broken.")).to_have_count(2)
    assert site.count(POST) == 2
    page.get_by_role("button", name="Back to the cart").first.click()
    expect(page.get_by_text("The machine is broken.")).to_have_count(1)
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(1)
    assert len(stored_items(page, "orders")) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_order_refused_by_a_busy_api_is_sent_later(site, open_page, network, page_errors, status):
    page_errors.allow(f"{status} POST")
    page = open_page()
    sign_in(page)
    network.goes_down()
    order_offline(page)
    site.refusals[POST] = status, "Busy."
    network.comes_up()
    until(page, lambda: site.count(POST))
    expect(orders(page).first).to_contain_text("Not sent yet")
    if status == 429:  # too many open orders: what it waits for
        expect(orders(page).first).to_contain_text("Busy.")
    site.refusals.clear()
    network.flickers()
    expect(orders(page)).to_contain_text("Accepted")
    assert len(site.orders) == 1


def test_a_network_that_comes_back_during_a_retry_is_not_missed(site, context, open_page, network, page_errors):
    page_errors.allow("503 POST")
    context.clock.install()
    page = open_page()
    sign_in(page)
    network.goes_down()
    order_offline(page)
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)  # no more retries of the page's own
    site.refusals[POST] = 503, "Busy."
    site.gates = {"/dev/orders": Event()}
    network.comes_up()
    until(page, lambda: site.count(POST) == 1)
    page.evaluate("dispatchEvent(new Event('online'))")
    site.gates["/dev/orders"].set()
    until(page, lambda: site.count(POST) == 2)


def test_an_order_waits_for_a_new_session(site, open_page, network, page_errors):
    page_errors.allow("401 POST")
    page = open_page()
    sign_in(page)
    network.goes_down()
    order_offline(page)
    site.refusals |= {POST: (401, "Over."), "POST /dev/authenticate": (401, "Over.")}
    network.comes_up()
    expect(sign_in_form(page)).to_contain_text("Please sign in again.")
    site.refusals.clear()
    fill_in(page, "ann")
    expect(orders(page)).to_contain_text("Accepted")
    assert len(site.orders) == 1


def test_signing_out_deletes_waiting_orders_and_the_session(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes_down()
    order_offline(page)
    page.get_by_role("button", name="Sign out").click()
    expect_message(page, "1 order not sent yet would be lost. Sign out again to continue anyway.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#login-btn")).to_be_visible()
    until(page, lambda: stored_items(page, "orders") == stored_items(page, "session") == [])
    network.comes_up()
    page.reload()
    sign_in(page)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    assert site.orders == {}


def test_an_order_is_sent_without_indexeddb(site, context, network):
    context.add_init_script("delete globalThis.indexedDB")
    page = context.new_page()
    page.goto(site.url)
    sign_in(page)
    put_in_cart(page, "Espresso")
    place_order(page)
    assert len(site.orders) == 1


# --- On the running café ---


def test_an_offline_order_reaches_the_kitchen_once(cafe, context, site_url, customer):
    page = context.new_page()
    page.goto(site_url)
    sign_in(page, customer, stay=True)
    until(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"))
    context.set_offline(True)
    page.reload()
    order_offline(page, "Espresso", "Croissant")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(site_url)
    expect(orders(page)).to_contain_text("Accepted")
    (order,) = cafe.api.get("orders", headers=cafe.sign_in(customer)).json()
    assert [item["name"] for item in order["items"]] == ["Espresso", "Croissant"]
    until(page, lambda: stored_items(page, "orders") == [])


# --- Installation ---


def test_the_site_can_be_installed(site, open_page):
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_icons_have_the_declared_sizes():
    icons = json.loads((PUBLIC / "manifest.webmanifest").read_text())["icons"]
    for icon in icons:
        path = PUBLIC / icon["src"].lstrip("/")
        if path.suffix == ".png":
            with Image.open(path) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]
            assert path.stat().st_size < 8192
    assert any(icon.get("purpose") == "maskable" for icon in icons)
