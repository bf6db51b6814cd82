"""What a first and a second visit to the site cost, and how soon the menu is there.

The site's files come from a small server that tags them as CloudFront does, so that a browser need not fetch twice.
"""

import sys
from collections.abc import Iterator

import httpx
from playwright.sync_api import Browser, sync_playwright

from tests.bench.section import Row
from tests.site.conftest import CHROMIUM, FLAGS
from tests.site.small_site import SmallSite, small_site
from tests.site.test_loading import (
    MAX_BYTES,
    MAX_REQUESTS,
    MAX_REQUESTS_AGAIN,
    MAX_SECONDS,
    SLOW_4G,
    keep,
    over_the_wire,
    page_sizes,
    seconds_to_menu,
    sizes_again,
)

TIMES = 5
"""How often a visit is timed. The best counts: what the network takes stays, what this machine is busy with goes."""


def measure() -> Iterator[Row]:
    """Rows about the front page, in 15 seconds. Ends the program where there is no Chromium."""
    if not CHROMIUM:
        sys.exit("web_app: no Chromium here (on PATH, or by CHROMIUM=path)")
    with sync_playwright() as playwright, small_site() as site:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield from first_visit(browser, site)
        yield from second_visit(browser, site)
        browser.close()


def first_visit(browser: Browser, site: SmallSite) -> Iterator[Row]:
    """With nothing in the browser."""
    with browser.new_context() as context, httpx.Client(base_url=site.url, trust_env=False) as client:
        sizes = page_sizes(context, site.url, client)
    yield Row("first visit", cost(len(sizes), sum(sizes.values())), cost(MAX_REQUESTS, MAX_BYTES))
    times = []
    for _ in range(TIMES):
        with browser.new_context() as context:
            times.append(seconds_to_menu(context, site.url, SLOW_4G))
    yield Row("first visit: until the menu is there, on slow 4G", f"{min(times):.2f} s", f"{MAX_SECONDS} s")


def second_visit(browser: Browser, site: SmallSite) -> Iterator[Row]:
    """With the whole site kept by the service worker."""
    with browser.new_context() as context:
        before = len(site.sent)
        keep(context, site.url)
        sent = site.sent[before:]
        everything = cost(len(sent), sum(over_the_wire(body, kind) for kind, body in sent))
        yield Row("first visit, with all that is kept for later", everything)
        asked, size = sizes_again(context, site)
        yield Row("second visit", cost(len(asked), size), cost(MAX_REQUESTS_AGAIN, 0))
        # What the protocol does to a page's network it does not do to the service worker's.
        site.delays = dict.fromkeys(site.files, SLOW_4G["latency"] / 1000)
        times = [seconds_to_menu(context, site.url) for _ in range(TIMES)]
    yield Row(
        "second visit: until the menu is there, with slow 4G's latency", f"{min(times):.2f} s", f"{MAX_SECONDS} s"
    )


def cost(requests: int, size: int) -> str:
    """Requests, and the bytes of their answers' bodies."""
    return f"{requests} requests, {size / 1000:.1f} KB"
