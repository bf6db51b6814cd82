"""A running café, and a browser in front of it that lets no complaint pass."""

import os
import re
import secrets
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from local.seed import User, api_client, make_user
from tests.local.conftest import running_cafe
from tests.site.steps import PATIENCE_SECONDS, SAID, fill_in

CHROMIUM = next(
    filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"))),
    None,
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SCREENSHOTS = Path(__file__).parent.parent.parent / ".screenshots"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
NARROW = {"viewport": {"width": 320, "height": 640}}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}

TIMEOUT_MS = PATIENCE_SECONDS * 1000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(config, items):
    """Without a Chromium, tests that need one are left out."""
    if CHROMIUM:
        return
    left_out = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter):
    if not CHROMIUM:
        terminalreporter.write_line("No Chromium here (on PATH, or by CHROMIUM=path): the browser tests were left out.")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cafe(tmp_path_factory):
    with running_cafe(tmp_path_factory.mktemp("cafe")) as cafe:
        yield cafe


@pytest.fixture(scope="session")
def site_url(cafe):
    """The site's address, with a `/` at its end."""
    return cafe.outputs["webappUrl"]


@pytest.fixture(scope="session")
def site(cafe, site_url):
    """A client of the site's files."""
    with api_client(site_url, cafe.port) as client:
        yield client


class Complaints:
    """What the pages of a test complain of: anything on a console, errors nobody caught, requests that failed or were
    answered with an error. Whatever is left at the test's end, and was not allowed, fails it."""

    def __init__(self):
        self._lines = []
        self._allowed = []

    def allow(self, *patterns):
        """Lines in which one of these regular expressions is found are expected, e.g. `401 POST .*/authenticate`. A
        browser writes answers with an error on its console, too: that line ends with `(401 URL)` and is allowed with
        the answer."""
        self._allowed += patterns

    def watch(self, context):
        context.on("console", self._console)
        context.on("weberror", lambda error: self._lines.append(f"not caught: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    @property
    def left(self):
        return [line for line in self._lines if not any(re.search(pattern, line) for pattern in self._allowed)]

    def _console(self, message):
        if message.text.startswith("Failed to load resource"):
            return  # `_failed` and `_answered` know more about it
        where = message.location.get("url", "")
        self._lines.append(f"console.{message.type}: {message.text} ({where})")

    def _failed(self, request):
        # Aborted is what a page left open when it went away.
        if request.failure != "net::ERR_ABORTED":
            self._lines.append(f"{request.failure} {request.method} {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self._lines.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture
def complaints():
    complaints = Complaints()
    yield complaints
    assert complaints.left == []


@pytest.fixture
def new_context(browser, complaints):
    """Makes browser profiles of their own, with Playwright's options for a context (`PHONE`, `color_scheme="dark"`)."""
    contexts = []

    def make(**options):
        context = browser.new_context(**{**DESKTOP, **options})
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(SAID)
        contexts.append(context)
        complaints.watch(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_page(new_context, site_url):
    """Opens the site, or a path of it, in a new profile."""

    def open_page(path="", **options):
        page = new_context(**options).new_page()
        page.goto(site_url + path)
        return page

    return open_page


@pytest.fixture
def page(new_page):
    """The site as it is for somebody new."""
    return new_page()


@pytest.fixture
def new_user(cafe):
    """Makes users of one test's own: nobody else orders in their name."""

    def make(group=None):
        name = f"guest-{secrets.token_hex(4)}"
        make_user(cafe.aws, cafe.outputs["userPoolId"], User(f"{name}@example.com", group))
        return name

    return make


@pytest.fixture
def customer(new_user):
    """The name of a new customer, for `sign_in` and for `cafe.sign_in`."""
    return new_user()


@pytest.fixture
def sign_in():
    """Signs `ann`, `bob`, `sam` or a new user in by the form, and waits until the page knows them."""

    def sign_in(page, name):
        fill_in(page, name)
        expect(page.locator("caffe-account")).to_contain_text(f"{name}@example.com")

    return sign_in


def violations(page):
    """What axe finds on a page as it is now: rule, place and reason, a line each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.fixture
def inspect():
    """Keeps a picture of a page in some state, and holds that state against WCAG 2.2 AA."""

    def look(page, state):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.emulate_media(reduced_motion="reduce")  # what is half faded in has half its contrast
        page.screenshot(path=SCREENSHOTS / f"{state}.png", full_page=True, animations="disabled")
        assert violations(page) == []

    return look
