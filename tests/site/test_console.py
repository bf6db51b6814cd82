"""The console, in a browser: what it shows of a run, and whether it tells why an order is stuck."""

import json
import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from local.emulator_settings import ACCESS_LOG
from local.functions import all_functions
from tests.local.conftest import local, running_cafe, soonest
from tests.local.live.conftest import copied_project, log, save, seconds_until  # noqa: F401  a fixture
from tests.site.conftest import PHONE, RULES, SCREENSHOTS

pytestmark = pytest.mark.long

WIDE = {"viewport": {"width": 1600, "height": 1000}}
SHOWN_MS = 200
"""How soon an event is on the page, at most."""

VIEWS = ("Flow", "One order", "Functions", "Data", "Permissions")

PIPELINE, ACCEPT = "components/event_pipeline/pipeline.py", "lambdas/accept_order.py"
GRANT = '                {"actions": ["dynamodb:UpdateItem"], "resources": [self.table_arn]},\n'

WATCH_EVENTS = """
window.shown = {};
new MutationObserver(() => {
  for (const link of document.querySelectorAll('.events a')) {
    shown[link.getAttribute('href').split('/').pop()] ??= Date.now();
  }
}).observe(document.querySelector('.events'), {childList: true});
"""
"""Notes when each event appears."""

QUIET_SECONDS = 1.5
"""Nothing more follows an order after this long without a request."""

COFFEE = {"items": [{"name": "Cappuccino", "type": "coffee", "qty": 1}]}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return copied_project(tmp_path_factory)


@pytest.fixture(scope="module")
def access_log(tmp_path_factory):
    """The server's log of requests, which it keeps only here."""
    return tmp_path_factory.mktemp("log") / "access.log"


@pytest.fixture(scope="module")
def live(root, access_log, tmp_path_factory):
    """A café of its own: what happens in it is counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ACCESS_LOG, str(access_log))
        with running_cafe(tmp_path_factory.mktemp("live"), root=root) as cafe:
            yield cafe


@pytest.fixture(scope="module")
def address(live):
    return local("console", "--home", str(live.home)).stdout.strip()


@pytest.fixture
def page(new_context, address):
    page = new_context(**WIDE).new_page()
    page.goto(address)
    expect(page.locator(".live")).to_have_text("Live")
    return page


def open_view(page, name):
    page.get_by_role("navigation").get_by_role("link", name=name).click()


def place(live, headers=None):
    """The ID of a new order of Ann's."""
    answer = live.api.post("orders", json=COFFEE, headers=headers or live.sign_in("ann"))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def traced(access_log):
    """The traces of the functions' calls, in the server's log."""
    return re.findall(r"\b(Root=\S+)", access_log.read_text())


def is_quiet(access_log):
    return time.time() - access_log.stat().st_mtime > QUIET_SECONDS


def read(page, path):
    return page.evaluate("async (path) => (await fetch(`data/${path}`)).json()", path)


def screenshot(page, name):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"console-{name}.png")


def test_an_order_moves_through_the_architecture(page, live):
    """The boxes are the program's own resources."""
    boxes = page.locator(".node")
    expect(page.locator(".node[data-kind=function]")).to_have_count(len(all_functions(live.aws)))
    for kind in ("api", "bucket", "distribution", "live updates", "queue", "table", "topic", "user pool"):
        expect(page.locator(f".node[data-kind='{kind}']").first).to_be_attached()
    place(live)
    for name in ("orders-create-order", "pipeline-orders", "pipeline-publish-changes", "pipeline-orders-queue"):
        expect(boxes.and_(page.locator(f"[data-node$='{name}']")).locator(".number")).not_to_be_empty()
    screenshot(page, "flow")

    page.locator("[data-node$='pipeline-accept-order']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".events li")).not_to_have_count(0)
    expect(page.locator(".events")).not_to_contain_text("create_order")

    page.locator(".events").get_by_role("link", name="accept_order").first.click()
    details = page.get_by_role("complementary")
    expect(details.get_by_role("heading", level=2)).to_have_text("accept_order")
    expect(details).to_contain_text('"eventSource": "aws:sqs"')
    details.get_by_role("link", name="Close").click()
    expect(details).to_be_hidden()


def test_a_waterfall_shows_what_an_order_passed_through(page, live):
    order = place(live)
    open_view(page, "One order")
    page.get_by_role("link", name=order).click()
    rows = page.locator(".waterfall li")
    expect(rows.filter(has_text="sns:Publish")).to_have_count(1)
    titles = rows.locator(".label a").all_text_contents()
    for step in (
        "POST /orders",
        "authorize",
        "create_order",
        "dynamodb:PutItem",
        "publish_changes",
        "sqs:SendMessage",
        "accept_order",
        "event on /orders/board",
    ):
        assert step in titles, step
    expect(page.locator(".waterfall .failed")).to_have_count(0)
    screenshot(page, "order")

    rows.filter(has_text="sqs:SendMessage").get_by_role("link").click()
    details = page.get_by_role("complementary")
    expect(details).to_contain_text("Allowed: sqs:SendMessage")
    expect(details).to_contain_text("By this statement of the role's policy")
    expect(details).to_contain_text("authorization: [redacted]")


def test_every_call_of_an_order_is_there_and_soon(page, live, access_log):
    """Counted where requests arrive, in the server's own log."""
    headers = live.sign_in("ann")
    place(live, headers)  # starts the functions
    seconds_until(lambda: is_quiet(access_log))
    page.evaluate(WATCH_EVENTS)

    def latest():
        before, order = len(traced(access_log)), place(live, headers)
        seconds_until(lambda: is_quiet(access_log))
        at_the_socket = traced(access_log)[before:]
        known = read(page, "orders")
        [customer] = [it["customer"] for it in known if it["id"] == order]
        rows = read(page, f"order?customer={customer}&id={order}")
        records = [read(page, f"records/{it['id']}") for it in rows]
        recorded = [it["carried"] for it in records if it["kind"] == "call"]
        assert sorted(recorded) == sorted(at_the_socket)
        assert len(recorded) > 8
        shown, done = page.evaluate("shown"), {str(it["id"]): it["at"] + it["ms"] for it in records}
        return max(shown[id_] - done[id_] for id_ in shown.keys() & done.keys())

    assert soonest(latest, SHOWN_MS) < SHOWN_MS


def test_functions_can_be_called_with_an_event_and_again(page, live):
    place(live)
    open_view(page, "Functions")
    row = page.locator("tr", has=page.get_by_role("link", name="create_order", exact=True))
    expect(row.locator(".calls a").first).to_be_visible()
    row.locator(".calls a").first.click()
    details = page.get_by_role("complementary")
    details.get_by_role("button", name="Replay").click()
    expect(details.locator("pre").last).to_contain_text('"statusCode": 201')
    details.get_by_role("link", name="Edit the event").click()
    event = page.get_by_label("Event (JSON)")
    expect(event).to_have_value(re.compile("Cappuccino"))
    event.fill(event.input_value().replace("Cappuccino", "Unknown drink"))
    page.get_by_role("button", name="Invoke").click()
    expect(page.locator(".caller pre")).to_contain_text("Unknown drink")
    event.fill("{")
    page.get_by_role("button", name="Invoke").click()
    expect(page.locator(".message")).to_contain_text("The event is not JSON")


def test_data_can_be_read_as_text(page, live):
    note = "<img src=x onerror=alert(1)>"
    order = {"items": [{**COFFEE["items"][0], "note": note}]}
    assert live.api.post("orders", json=order, headers=live.sign_in("ann")).status_code == 201
    open_view(page, "Data")
    expect(page.locator(".data")).to_contain_text("ann@example.com")
    page.get_by_role("button", name="pipeline-orders", exact=True).click()
    expect(page.locator(".opened")).to_contain_text(note)
    assert page.locator(".opened img").count() == 0


def test_dead_letters_are_sent_back_and_discarded_with_a_click(page, live):
    sqs = live.aws.client("sqs")
    for body in ("broken", json.dumps({"customer": "ann", "id": "1"})):
        sqs.send_message(QueueUrl=live.outputs["ordersDlqUrl"], MessageBody=body)
    open_view(page, "Data")
    page.get_by_role("button", name="pipeline-orders-queue-dlq", exact=True).click()
    opened = page.locator(".opened")
    expect(opened.locator("article")).to_have_count(2)
    opened.locator("article").filter(has_text="broken").get_by_role("button").click()
    expect(opened.locator("article")).to_have_count(1)
    assert "broken" in (live.home / "discarded.jsonl").read_text()
    page.get_by_role("button", name="Redrive pipeline-orders-queue-dlq").click()
    expect(page.locator(".message")).to_contain_text("1 sent back, 0 remaining")
    sqs.purge_queue(QueueUrl=live.outputs["ordersQueueUrl"])


def test_grants_are_marked_until_they_are_used(page, live):
    place(live)
    open_view(page, "Permissions")
    function = page.locator("details", has_text="pipeline-accept-order")
    function.locator("summary").click()
    rows = function.locator("tbody tr")
    expect(rows.filter(has_text="dynamodb:UpdateItem").locator("td").last).to_have_text(re.compile(r"[1-9]\d*"))
    expect(rows.filter(has_text="sqs:ReceiveMessage").locator("td").last).to_have_text("by Lambda")
    unused = page.locator("details", has_text="invoices-pay-invoice")
    unused.locator("summary").click()
    expect(unused.locator(".unused").first.locator("td").last).to_have_text("not used")


def stuck(page, live):
    """A new order that stays as it was created, and its waterfall."""
    order = place(live)
    open_view(page, "One order")
    page.get_by_role("link", name=order).click()
    expect(page.locator(".waterfall .failed").first).to_be_visible()
    return order


def test_a_broken_grant_is_shown_with_the_line_that_is_missing(page, live, root, save):  # noqa: F811
    source = (root / PIPELINE).read_text()
    assert source.count(GRANT) == 1
    save(**{PIPELINE: source.replace(GRANT, "")})
    seconds_until(lambda: "applied in" in log(live).rpartition(PIPELINE)[2])
    stuck(page, live)
    expect(page.locator(".one-order")).to_contain_text("IAM denied dynamodb:UpdateItem")
    expect(page.locator(".one-order .error", has_text="accept_order")).to_contain_text("AccessDeniedException")
    screenshot(page, "denied-order")

    open_view(page, "Permissions")
    denied = page.locator("details", has_text="pipeline-accept-order").locator(".denied")
    expect(denied).to_contain_text("No statement of its role allows it")
    expect(denied.locator("pre")).to_contain_text(
        '{"actions": ["dynamodb:UpdateItem"], "resources": ["arn:aws:dynamodb:'
    )
    screenshot(page, "denied")
    live.aws.client("sqs").purge_queue(QueueUrl=live.outputs["ordersQueueUrl"])


def test_a_poison_message_is_shown_with_why_it_fails(page, live):
    live.aws.client("sqs").send_message(QueueUrl=live.outputs["ordersQueueUrl"], MessageBody='{"poison": true}')
    open_view(page, "Data")
    queue = page.locator("li", has=page.get_by_role("button", name="pipeline-orders-queue", exact=True))
    expect(queue).to_contain_text("1 in flight")
    queue.get_by_role("button").click()
    message = page.locator(".opened article")
    expect(message).to_contain_text("poison")
    expect(message.locator(".error")).to_contain_text("missing required field")
    screenshot(page, "poison")
    live.aws.client("sqs").purge_queue(QueueUrl=live.outputs["ordersQueueUrl"])


def test_a_handler_that_raises_is_shown_with_its_position(page, live, root, save):  # noqa: F811
    source = (root / ACCEPT).read_text()
    save(
        **{ACCEPT: source.replace("    placed = msgspec", '    raise ValueError("no milk left")\n    placed = msgspec')}
    )
    seconds_until(lambda: "applied in" in log(live).rpartition(ACCEPT)[2])
    stuck(page, live)
    open_view(page, "Functions")
    failure = page.locator(".failure", has_text="accept_order failed")
    expect(failure).to_contain_text("ValueError")
    expect(failure.locator("code")).to_have_text(re.compile(r"^lambdas/accept_order\.py:\d+ in handler$"))
    expect(failure.locator("pre")).to_contain_text("no milk left")
    screenshot(page, "raised")
    live.aws.client("sqs").purge_queue(QueueUrl=live.outputs["ordersQueueUrl"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_view_can_be_used_by_all(new_context, address, live, size, scheme):
    place(live)
    page = new_context(**size, color_scheme=scheme).new_page()
    page.goto(address)
    for name in VIEWS:
        open_view(page, name)
        expect(page.locator("#view h1").first).to_be_visible()
        results = Axe().run(page, options=RULES)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
