"""Without a network the site opens, and orders wait and are sent once. A new version replaces the old one whole."""

import json
import time
from threading import Event

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.local.conftest import soonest
from tests.site.small_site import PUBLIC, small_site
from tests.site.steps import expect_said, fill_in, orders, place_order, put_in_cart, sign_in_form, until

pytestmark = pytest.mark.long

POST = "POST /dev/orders"
OLD = "Good things, freshly made."
NEW = "Good things, twice as fresh."


@pytest.fixture
def site():
    with small_site() as site:
        yield site


@pytest.fixture
def context(new_context, complaints):
    complaints.allow("net::ERR_")  # what does not answer is what these tests are about
    return new_context()


@pytest.fixture
def open_page(site, context):
    """Opens the site, and waits until it would open without a network, too."""

    def open_page(path="/"):
        page = context.new_page()
        page.goto(site.url + path)
        until(page, lambda: page.evaluate("Boolean(navigator.serviceWorker.controller)"))
        return page

    return open_page


@pytest.fixture
def network(site, context):
    """Takes the network away, and gives it back."""

    class Network:
        def goes(self):
            site.is_up = False
            context.set_offline(True)

        def returns(self):
            site.is_up = True
            context.set_offline(False)

        def blinks(self):
            self.goes()
            self.returns()

    return Network()


def sign_in(page, name="ann", *, stay=False):
    form = sign_in_form(page)
    form.get_by_role("switch", name="Stay signed in").set_checked(stay)
    fill_in(page, name)
    expect(page.locator("caffe-account")).to_contain_text(f"{name}@example.com")


def order_offline(page, *names):
    """Order something that cannot be sent now."""
    waiting = orders(page).filter(has_text="Not sent yet")
    before = waiting.count()
    put_in_cart(page, *(names or ["Espresso"]))
    page.locator("#place-order-btn-wc").click()
    expect(waiting).to_have_count(before + 1)


def kept(page, store):
    """What is in a store of the page's database."""
    return page.evaluate("(store) => import('/lib/db.js').then(({all}) => all(store))", store)


def versions(page):
    """How many versions of the site are kept whole."""
    return page.evaluate(
        """async () => {
          const lists = (await caches.keys()).map((cacheName) => caches.match('/precache.json', {cacheName}));
          return (await Promise.all(lists)).filter(Boolean).length;
        }"""
    )


def has_newest(page, site):
    """Whether the version that was published last is kept whole."""
    newest = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith('site-')).sort();
          const lists = await Promise.all(names.map((cacheName) => caches.match('/precache.json', {cacheName})));
          return lists.filter(Boolean).at(-1)?.json();
        }"""
    )
    return (newest["version"], newest["policy"]) == (site.version, site.headers["Content-Security-Policy"])


def renew(page, site):
    """Reload until the page is of the version that was just published, however slow this machine is."""
    page.reload()
    until(page, lambda: has_newest(page, site))
    page.reload()


# --- Opening the site ---


def test_the_site_opens_without_a_network(site, open_page, network):
    page = open_page()
    network.goes()
    for path in ("/", "/index.html", "/?from=poster", "/pay.html#token"):
        page.goto(site.url + path)
        expect(page.locator("h1")).to_have_count(1)
    page.goto(site.url)
    expect(page.locator("caffe-menu-item")).to_have_count(6)


def test_the_first_visit_already_works_on_without_a_network(open_page, network):
    page = open_page()
    network.goes()
    put_in_cart(page, "Espresso")
    page.locator("#place-order-btn-wc").click()
    expect(page.locator("#login-btn")).to_be_visible()


def test_a_network_that_hangs_delays_a_page_by_a_second(site, open_page):
    page = open_page()
    site.gates = {"/precache.json": Event(), "/api.json": Event()}

    def seconds():
        start = time.monotonic()
        page.reload()
        expect(page.locator("caffe-menu-item")).to_have_count(6)
        return time.monotonic() - start

    assert soonest(seconds, 4) < 4


def test_nothing_of_the_api_is_kept(site, open_page):
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
    # A page waits a second for it, which would be too short for a machine that is busy with something else.
    site.publish("/service-worker.js", "PATIENCE_MS = 1000", "PATIENCE_MS = 60_000")
    page = open_page()
    site.publish("/", OLD, NEW)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)


def test_a_new_version_that_comes_slowly_shows_on_the_second_reload(site, open_page):
    page = open_page()
    site.publish("/", OLD, NEW)
    site.gates = {"/": Event()}
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    site.gates["/"].set()
    until(page, lambda: has_newest(page, site))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)


def test_only_what_changed_is_fetched(site, open_page):
    page = open_page()
    site.publish("/", OLD, NEW)
    before = site.asked.copy()
    renew(page, site)
    assert [site.count(f"GET {path}") - before.count(f"GET {path}") for path in ("/", "/app.css")] == [1, 0]


def test_half_a_version_is_never_shown(site, open_page):
    page = open_page()
    old = site.files["/texts.js"]
    site.publish("/texts.js", "'Nothing here yet. What would you like?'", "'New words'")
    site.publish("/", OLD, NEW)
    new, site.files["/texts.js"] = site.files["/texts.js"], old  # publishing has not come to that one yet
    tries = site.count("GET /texts.js")
    page.reload()
    until(page, lambda: site.count("GET /texts.js") > tries)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    expect(page.locator("caffe-cart")).to_contain_text("Nothing here yet.")
    site.files["/texts.js"] = new
    renew(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    expect(page.locator("caffe-cart")).to_contain_text("New words")


def test_what_a_stopped_service_worker_left_is_not_used(site, open_page, network):
    page = open_page()
    page.evaluate("caches.open('site-9999').then((cache) => cache.put('/', new Response('half')))")
    network.goes()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(OLD)
    network.returns()
    site.publish("/", OLD, NEW)
    renew(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    until(page, lambda: "site-9999" not in page.evaluate("caches.keys()"))


def test_an_open_page_keeps_the_version_that_it_began_with(site, open_page):
    first, second = open_page(), open_page()
    first.reload()
    site.publish("/menu.json", "Espresso", "Ristretto")
    renew(second, site)
    assert [page.evaluate("fetch('/menu.json').then((it) => it.json())")[0]["name"] for page in (first, second)] == [
        "Espresso",
        "Ristretto",
    ]


def test_old_versions_do_not_pile_up(site, open_page):
    page = open_page()
    for number in range(4):
        site.files["/app.css"] += f"/* {number} */".encode()
        site.list_files()
        page.reload()
        until(page, lambda: has_newest(page, site))
    until(page, lambda: versions(page) == 3)


def test_a_content_security_policy_that_changed_reaches_pages_that_did_not(site, open_page):
    page = open_page()
    policy = f"{site.headers['Content-Security-Policy']}; object-src 'none'"
    site.headers["Content-Security-Policy"] = policy
    renew(page, site)
    assert page.evaluate("fetch('/').then((it) => it.headers.get('Content-Security-Policy'))") == policy


# --- Orders that wait ---


def test_an_order_waits_and_is_sent_once_when_the_network_is_back(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes()
    order_offline(page)
    assert site.orders == {}
    network.returns()
    expect(orders(page)).to_have_count(1)
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: kept(page, "orders") == [])


def test_orders_are_sent_in_the_order_in_which_they_were_placed(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes()
    for name in ("Espresso", "Lemonade", "Croissant"):
        order_offline(page, name)
    network.returns()
    until(page, lambda: len(site.orders) == 3)
    assert [order["items"][0]["name"] for order in site.orders.values()] == ["Espresso", "Lemonade", "Croissant"]


def test_an_order_outlives_the_page_and_is_sent_by_the_next_one(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes()
    order_offline(page)
    page.close()
    network.returns()
    page = open_page()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: kept(page, "orders") == [])


def test_an_order_can_be_placed_by_a_page_that_was_opened_without_a_network(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes()
    page.reload()
    expect(page.locator("caffe-account")).to_contain_text("ann@example.com")
    order_offline(page)
    page.reload()
    expect(orders(page)).to_contain_text("Not sent yet")
    network.returns()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1


def test_an_order_is_sent_while_no_page_is_open(site, context, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes()
    order_offline(page)
    empty = context.new_page()
    devtools = context.new_cdp_session(empty)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    until(empty, lambda: registrations)
    page.close()
    network.returns()
    sync = {"origin": site.url, "registrationId": registrations[0]["registrationId"], "tag": "outbox"}
    devtools.send("ServiceWorker.dispatchSyncEvent", {**sync, "lastChance": False})
    until(empty, lambda: site.orders)
    page = open_page()
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1
    until(page, lambda: kept(page, "orders") == [])


def test_who_did_not_stay_signed_in_sends_it_by_signing_in_again(site, open_page, network):
    page = open_page()
    sign_in(page)
    network.goes()
    order_offline(page)
    page.close()
    network.returns()
    page = open_page()
    sign_in(page)
    expect(orders(page)).to_contain_text("Accepted")
    assert site.count(POST) == 1


def test_two_tabs_send_an_order_once_and_both_show_it(site, open_page, network):
    first = open_page()
    sign_in(first, stay=True)
    second = open_page()
    expect(second.locator("caffe-account")).to_contain_text("ann@example.com")
    network.goes()
    order_offline(first)
    expect(orders(second)).to_contain_text("Not sent yet")
    site.delays = {"/dev/orders": 0.3}
    network.returns()
    for page in (first, second):
        expect(orders(page)).to_contain_text("Accepted")
        expect(orders(page)).to_have_count(1)
    assert site.count(POST) == 1


def test_an_order_whose_answer_was_lost_is_stored_once(site, open_page, network):
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    assert len(site.orders) == 1
    site.loses_answers = False
    network.blinks()
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_have_count(1)
    assert len(site.orders) == 1
    assert site.count(POST) > 1
    until(page, lambda: kept(page, "orders") == [])


def test_an_order_that_somebody_has_changed_meanwhile_counts_as_sent(site, open_page, network, complaints):
    complaints.allow("409 POST")
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    (stored,) = site.orders.values()
    stored["items"] = [{"name": "Mint tea", "type": "tea", "qty": 2}]
    site.loses_answers = False
    network.blinks()
    expect(orders(page)).to_contain_text("Accepted")
    expect(orders(page)).to_contain_text("Mint tea")
    until(page, lambda: kept(page, "orders") == [])


def test_an_order_that_may_have_been_changed_waits_until_that_is_known(site, open_page, network, complaints):
    complaints.allow("409 POST", "503 GET")
    page = open_page()
    sign_in(page)
    site.loses_answers = True
    order_offline(page)
    (stored,) = site.orders.values()
    stored["items"] = [{"name": "Mint tea", "type": "tea", "qty": 2}]
    site.refusals[f"GET /dev/orders/ann/{stored['id']}"] = 503, "Busy."
    site.loses_answers = False
    network.blinks()
    until(page, lambda: site.count(f"GET /dev/orders/ann/{stored['id']}"))
    expect(orders(page).first).to_contain_text("Not sent yet")
    site.refusals.clear()
    network.blinks()
    expect(orders(page)).to_contain_text("Mint tea")


def test_a_refused_order_says_why_and_is_not_sent_again(site, open_page, network, complaints):
    complaints.allow("400 POST")
    page = open_page()
    sign_in(page, stay=True)
    network.goes()
    order_offline(page, "Espresso")
    order_offline(page, "Lemonade")
    site.refusals[POST] = 400, "The machine is broken."
    network.returns()
    expect(page.get_by_text("The machine is broken.")).to_have_count(2)
    expect(orders(page).first).to_contain_text("Not accepted")
    site.refusals.clear()
    page.reload()
    expect(page.get_by_text("The machine is broken.")).to_have_count(2)
    assert site.count(POST) == 2
    page.get_by_role("button", name="Back to the cart").first.click()
    expect(page.get_by_text("The machine is broken.")).to_have_count(1)
    expect(page.locator("caffe-cart caffe-cart-item")).to_have_count(1)
    assert len(kept(page, "orders")) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_order_that_a_busy_api_does_not_take_is_sent_later(site, open_page, network, complaints, status):
    complaints.allow(f"{status} POST")
    page = open_page()
    sign_in(page)
    network.goes()
    order_offline(page)
    site.refusals[POST] = status, "Busy."
    network.returns()
    until(page, lambda: site.count(POST))
    expect(orders(page).first).to_contain_text("Not sent yet")
    site.refusals.clear()
    network.blinks()
    expect(orders(page)).to_contain_text("Accepted")
    assert len(site.orders) == 1


def test_a_network_that_comes_back_while_an_order_is_tried_is_not_missed(site, context, open_page, network, complaints):
    complaints.allow("503 POST")
    context.clock.install()
    page = open_page()
    sign_in(page)
    network.goes()
    order_offline(page)
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)  # the page tries no more by itself
    site.refusals[POST] = 503, "Busy."
    site.gates = {"/dev/orders": Event()}
    network.returns()
    until(page, lambda: site.count(POST) == 1)
    page.evaluate("dispatchEvent(new Event('online'))")
    site.gates["/dev/orders"].set()
    until(page, lambda: site.count(POST) == 2)


def test_an_order_waits_for_a_session_that_has_ended(site, open_page, network, complaints):
    complaints.allow("401 POST")
    page = open_page()
    sign_in(page)
    network.goes()
    order_offline(page)
    site.refusals |= {POST: (401, "Over."), "POST /dev/authenticate": (401, "Over.")}
    network.returns()
    expect(sign_in_form(page)).to_contain_text("Please sign in again.")
    site.refusals.clear()
    fill_in(page, "ann")
    expect(orders(page)).to_contain_text("Accepted")
    assert len(site.orders) == 1


def test_signing_out_takes_away_what_waits_and_the_session(site, open_page, network):
    page = open_page()
    sign_in(page, stay=True)
    network.goes()
    order_offline(page)
    page.get_by_role("button", name="Sign out").click()
    expect_said(page, "1 order not sent yet would be lost. Sign out again to continue anyway.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#login-btn")).to_be_visible()
    until(page, lambda: kept(page, "orders") == kept(page, "session") == [])
    network.returns()
    page.reload()
    sign_in(page)
    expect(page.get_by_text("No orders yet.")).to_be_visible()
    assert site.orders == {}


def test_an_order_is_not_kept_where_nothing_can_be(site, context, network):
    context.add_init_script("delete globalThis.indexedDB")
    page = context.new_page()
    page.goto(site.url)
    sign_in(page)
    put_in_cart(page, "Espresso")
    place_order(page)
    assert len(site.orders) == 1


# --- On the running café ---


def test_an_order_from_a_tunnel_reaches_the_kitchen_once(cafe, context, site_url, customer):
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
    until(page, lambda: kept(page, "orders") == [])


# --- Installing it ---


def test_it_can_be_installed(site, open_page):
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_icons_have_the_sizes_that_are_promised():
    icons = json.loads((PUBLIC / "manifest.webmanifest").read_text())["icons"]
    for icon in icons:
        path = PUBLIC / icon["src"].lstrip("/")
        if path.suffix == ".png":
            with Image.open(path) as picture:
                assert "{}x{}".format(*picture.size) == icon["sizes"]
            assert path.stat().st_size < 8192
    assert any(icon.get("purpose") == "maskable" for icon in icons)
