"""A running café, and a browser whose errors fail the test."""

import os
import re
import secrets
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from local.cafe.seed import User, api_client, make_user
from tests.local.conftest import running_cafe
from tests.site.steps import RECORD_MESSAGES, TIMEOUT_SECONDS, fill_in, page_with_settings

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

TIMEOUT_MS = TIMEOUT_SECONDS * 1000
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(config, items):
    """Deselect the browser tests if Chromium is missing."""
    if CHROMIUM:
        return
    deselected = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


def pytest_terminal_summary(terminalreporter):
    if not CHROMIUM:
        terminalreporter.write_line(
            "Chromium not found (add it to PATH or set CHROMIUM=path): skipped the browser tests."
        )


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cafe(tmp_path_factory):
    """A café that takes orders of anything, so that pages can be tried with names that no menu has."""
    with running_cafe(tmp_path_factory.mktemp("cafe"), "menuOnly=false") as cafe:
        yield cafe


@pytest.fixture(scope="session")
def site_url(cafe):
    """The site's URL, with a trailing `/`."""
    return cafe.outputs["webappUrl"]


@pytest.fixture(scope="session")
def site(cafe, site_url):
    """A client of the site's files."""
    with api_client(site_url, cafe.port) as client:
        yield client


class PageErrors:
    """Collects the errors of a test's pages: console messages, uncaught errors, and failed requests or error responses.
    Any error that was not allowed fails the test at its end."""

    def __init__(self):
        self._lines = []
        self._allowed = []

    def allow(self, *patterns):
        """Allow lines that match one of these regular expressions, such as `401 POST .*/authenticate`. The console
        message about an error response, which ends with `(401 URL)`, is allowed with the response."""
        self._allowed += patterns

    def watch(self, context):
        context.on("console", self._console)
        context.on("weberror", lambda error: self._lines.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    @property
    def unexpected(self):
        return [line for line in self._lines if not any(re.search(pattern, line) for pattern in self._allowed)]

    def _console(self, message):
        if message.text.startswith("Failed to load resource"):
            return  # `_failed` and `_answered` have the details
        where = message.location.get("url", "")
        self._lines.append(f"console.{message.type}: {message.text} ({where})")

    def _failed(self, request):
        # A closed page aborts its open requests.
        if request.failure != "net::ERR_ABORTED":
            self._lines.append(f"{request.failure} {request.method} {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self._lines.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture
def page_errors():
    page_errors = PageErrors()
    yield page_errors
    assert page_errors.unexpected == []


@pytest.fixture
def new_context(browser, page_errors):
    """Creates separate browser contexts with Playwright's options (`PHONE`, `color_scheme="dark"`)."""
    contexts = []

    def make(**options):
        context = browser.new_context(**{**DESKTOP, **options})
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(RECORD_MESSAGES)
        contexts.append(context)
        page_errors.watch(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_page(new_context, site_url):
    """Opens the site, or a path of it, in a new context."""

    def open_page(path="", **options):
        page = new_context(**options).new_page()
        page.goto(site_url + path)
        return page

    return open_page


@pytest.fixture
def page(new_page):
    """The site in a new visitor's browser."""
    return new_page()


@pytest.fixture
def deaf_page(new_context, site, site_url, page_errors):
    """The site in a new visitor's browser, without live updates."""
    page_errors.allow("Service Worker registration blocked")
    return page_with_settings(new_context, site, site_url, live=None)


@pytest.fixture
def new_user(cafe):
    """Creates users that no other test uses."""

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
    """Signs in `ann`, `bob`, `sam` or a new user through the form, and waits until the page shows the account."""

    def sign_in(page, name):
        fill_in(page, name)
        # Narrow pages hide the name.
        expect(page.locator("caffe-account .who")).to_have_text(f"{name}@example.com")

    return sign_in


def violations(page):
    """axe's findings on the page in its current state: one line each with rule, target and reason."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.fixture
def inspect():
    """Saves a screenshot of a page and checks the page against WCAG 2.2 AA."""

    def inspect(page, state):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.emulate_media(reduced_motion="reduce")  # elements that are fading in have low contrast
        page.screenshot(path=SCREENSHOTS / f"{state}.png", full_page=True, animations="disabled")
        assert violations(page) == []

    return inspect
