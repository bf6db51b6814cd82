"""The cost of a first and a second visit to the site, and the time until the menu shows.

A small server serves the site's files with ETags, as CloudFront does, so that a browser does not fetch them twice.
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
    fill_cache,
    over_the_wire,
    page_sizes,
    seconds_to_menu,
    sizes_again,
)

TIMES = 5
"""Repetitions of a timed visit. The fastest counts: it includes the network but the least other load on the machine."""


def measure() -> Iterator[Row]:
    """Rows about the front page. Takes 15 seconds. Exits if Chromium is missing."""
    if not CHROMIUM:
        sys.exit("web_app: Chromium not found: add it to PATH or set CHROMIUM=path")
    with sync_playwright() as playwright, small_site() as site:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield from first_visit(browser, site)
        yield from second_visit(browser, site)
        browser.close()


def first_visit(browser: Browser, site: SmallSite) -> Iterator[Row]:
    """Rows about a visit with an empty browser cache."""
    with browser.new_context() as context, httpx.Client(base_url=site.url, trust_env=False) as client:
        sizes = page_sizes(context, site.url, client)
    yield Row("first visit", cost(len(sizes), sum(sizes.values())), cost(MAX_REQUESTS, MAX_BYTES))
    times = []
    for _ in range(TIMES):
        with browser.new_context() as context:
            times.append(seconds_to_menu(context, site.url, SLOW_4G))
    yield Row("first visit: time to menu, on slow 4G", f"{min(times):.2f} s", f"{MAX_SECONDS} s")


def second_visit(browser: Browser, site: SmallSite) -> Iterator[Row]:
    """Rows about a visit with the whole site cached by the service worker."""
    with browser.new_context() as context:
        before = len(site.sent)
        fill_cache(context, site.url)
        sent = site.sent[before:]
        everything = cost(len(sent), sum(over_the_wire(body, kind) for kind, body in sent))
        yield Row("first visit, including files cached for later", everything)
        asked, size = sizes_again(context, site)
        yield Row("second visit", cost(len(asked), size), cost(MAX_REQUESTS_AGAIN, 0))
        # DevTools throttling does not apply to the service worker's requests.
        site.delays = dict.fromkeys(site.files, SLOW_4G["latency"] / 1000)
        times = [seconds_to_menu(context, site.url) for _ in range(TIMES)]
    yield Row("second visit: time to menu, with slow 4G's latency", f"{min(times):.2f} s", f"{MAX_SECONDS} s")


def cost(requests: int, size: int) -> str:
    """The number of requests, and the size of the response bodies."""
    return f"{requests} requests, {size / 1000:.1f} KB"
