"""The day's main path in Firefox and in WebKit, the engine of Safari, through WebDriver."""

import os
import re
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.wait import WebDriverWait

from local.cafe.seed import PASSWORD
from tests.local.conftest import ROOT, running_cafe
from tests.site.steps import TIMEOUT_SECONDS

pytestmark = [
    pytest.mark.long,
    # Selenium's own call for WebKitGTK.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]

SEARCHED = f"{os.environ['PATH']}:{ROOT / '.build' / 'geckodriver' / 'bin'}"
"""`make geckodriver` builds into the second folder."""

FIREFOX, GECKODRIVER, WEBKIT, XVFB = (
    shutil.which(name, path=SEARCHED) for name in ("firefox-esr", "geckodriver", "WebKitWebDriver", "Xvfb")
)
FIREFOX = FIREFOX or shutil.which("firefox")
MINI_BROWSER = next(map(str, Path("/usr").glob("lib*/**/webkit2gtk-4.1/MiniBrowser")), None)
"""WebKitGTK's own browser."""

COLLECT_ERRORS = """
window.problems = [];
addEventListener('error', (event) => problems.push(event.message));
addEventListener('unhandledrejection', (event) => problems.push(String(event.reason)));
for (const level of ['error', 'warn']) console[level] = (...texts) => problems.push(texts.join(' '));
"""


@contextmanager
def display():
    """A screen for a browser that has no headless mode. Yields the value of `DISPLAY`."""
    read, write = os.pipe()
    command = [XVFB, "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with open(read) as number:
                yield f":{number.readline().strip()}"
        finally:
            server.terminate()


@contextmanager
def firefox():
    """Starts Firefox browsers, each with a profile of its own."""

    def start():
        options = webdriver.FirefoxOptions()
        options.binary_location = FIREFOX
        options.add_argument("-headless")
        return webdriver.Firefox(options, webdriver.FirefoxService(GECKODRIVER))

    yield start


@contextmanager
def webkit():
    """Starts WebKit browsers, each with a profile of its own."""
    with display() as screen:

        def start():
            options = webdriver.WebKitGTKOptions()
            options.binary_location = MINI_BROWSER
            options.add_argument("--automation")
            service = webdriver.WebKitGTKService(WEBKIT, env={**os.environ, "DISPLAY": screen})
            return webdriver.WebKitGTK(options, service)

        yield start


NEEDED = {
    firefox: {"Firefox": FIREFOX, "geckodriver (`make geckodriver`, which needs Rust, builds it)": GECKODRIVER},
    webkit: {"WebKitWebDriver": WEBKIT, "WebKitGTK's MiniBrowser": MINI_BROWSER, "Xvfb": XVFB},
}
"""What each browser needs, and where it is, if it was found."""


class Page:
    """A page in a browser, with the few actions that this path needs."""

    def __init__(self, driver, url):
        self.driver = driver
        self.wait = WebDriverWait(driver, TIMEOUT_SECONDS, ignored_exceptions=[WebDriverException])
        driver.get(url)
        driver.execute_script(COLLECT_ERRORS)

    def click(self, path):
        """Click the element that an XPath selects, as soon as it can be clicked."""
        self._find(path).click()

    def type(self, path, text):
        """Type into the field that an XPath selects, as soon as it can be typed in."""
        self._find(path).send_keys(text)

    def _find(self, path):
        found = self.wait.until(condition.element_to_be_clickable((By.XPATH, path)))
        # The driver does not wait for the page's smooth scrolling.
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
        return found

    def expect(self, selector, text):
        """Wait until the element that a CSS selector selects contains the text."""
        self.wait.until(condition.text_to_be_present_in_element((By.CSS_SELECTOR, selector), text))

    def texts(self, path):
        """The texts of the elements that an XPath selects, as soon as there are any."""
        return self.wait.until(lambda driver: [found.text for found in driver.find_elements(By.XPATH, path)])

    @property
    def problems(self):
        """Uncaught errors and console messages since the page was loaded."""
        return self.driver.execute_script("return problems")


@pytest.fixture(scope="module")
def cafe(tmp_path_factory):
    with running_cafe(tmp_path_factory.mktemp("browsers")) as cafe:
        yield cafe


@pytest.fixture(params=NEEDED, ids=lambda browser: browser.__name__)
def open_page(request, cafe):
    """Opens the site, or a path of it, in a new browser."""
    if missing := [name for name, found in NEEDED[request.param].items() if not found]:
        pytest.skip(f"not found: {', '.join(missing)}")
    with ExitStack() as stack:
        start = stack.enter_context(request.param())

        def open_page(path=""):
            driver = start()
            stack.callback(driver.quit)
            return Page(driver, cafe.outputs["webappUrl"] + path)

        yield open_page


def test_a_guest_orders_and_staff_make_it(open_page):
    guest = open_page()
    guest.click("//button[@aria-label='Add Cappuccino to the cart']")
    guest.click("//dialog//span[.='Oat milk']")
    guest.type("//dialog//input[@name='note']", "Extra hot")
    guest.click("//dialog//button[@value='add']")
    guest.type("//caffe-cart//input[@name='pickupName']", "Zoë")
    guest.click("//*[@id='place-order-btn-wc']")
    [number] = guest.texts("//caffe-waiting//*[@class='number']")
    assert re.fullmatch(r"\d+", number)
    guest.expect("caffe-waiting", "We are making it.")

    board = open_page("#board")
    board.type("//caffe-sign-in//input[@type='email']", "sam@example.com")
    board.type("//caffe-sign-in//input[@type='password']", PASSWORD)
    board.click("//*[@id='login-btn']")
    board.expect("caffe-board .live", "Live")
    card = f"//caffe-board-order[.//*[contains(., 'No. {number}')]]"
    assert board.texts(f"{card}//mark") == ["Oat milk", "Extra hot"]
    board.click(f"{card}//button[contains(., 'Ready')]")

    guest.expect("caffe-waiting", "Come and get it!")
    assert guest.driver.title.startswith(f"Number {number} is ready")

    board.click("//button[contains(., 'Undo')]")
    guest.expect("caffe-waiting", "We are making it.")
    assert guest.problems == board.problems == []
