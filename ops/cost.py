"""`python -m ops cost`: the cost of a stack, per order and per month, with the calculation.

Prices are on-demand list prices in us-east-1, first tier, without the free tier, copied manually in 2025: compare them
with the pages that they name before you rely on a figure. Quantities follow the longest path of an order
(`docs/cost.md`). Quantities that depend on the café are constants here: replace them with your measurements.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.console import Console
from rich.table import Table

from local.errors import UserError

ROOT = Path(__file__).parent.parent
REGION, PRICES_OF = "us-east-1", "2025"
WIDTH = 160
"""One line per entry, even on a narrow terminal, for grep and diff."""

MONTH_SECONDS = 730 * 3600
"""A month of 730 hours, as AWS counts it."""

# User actions per order.
ORDERS_A_MONTH = 4
"""Orders per customer and month. Cognito charges per active customer, however often they sign in."""
CUSTOMER_LISTS, BOARD_LISTS, BOARD_PHOTOS = 1, 1 / 4, 1 / 4
"""Lists that a customer's page requests for an order, and lists and photos that a board requests in the minute that it
is open for each order: one each in four minutes (`site/public/lib/poller.js`). Everything else is live."""
STAFF_MOVES, MOVES = 2, 3
"""Status changes by staff, and including the kitchen's."""
REQUESTS = 2 + CUSTOMER_LISTS + BOARD_LISTS + BOARD_PHOTOS + STAFF_MOVES
"""API requests: all of these, the sign-in and the order."""
SITE_FILES, SITE_BYTES = 15, 22_000
"""A first visit, which is the maximum: a second visit has the files cached."""
FULL_LISTS = CUSTOMER_LISTS + BOARD_LISTS
"""Lists with new content: all of them."""

# Live updates.
CHANGES, CHANNELS = 1 + MOVES, 2
"""Changes of an order: its creation and its moves. Each is published to the customer's channel and the board's, and
delivered to one page of each."""
CONNECTED_MINUTES = 3 + 1
"""The customer's page from the order to its end, and the board's minute."""
SUBSCRIPTIONS = 1 + 1
"""The customer's page connects and subscribes; the board does so once an hour, which is too seldom to count. AppSync
asks the authorizer both times."""
LIVE_OPERATIONS = 2 * CHANGES * CHANNELS + SUBSCRIPTIONS
"""Events in, events out, connections and subscriptions. An event has less than the 5 KB of one operation."""

# Sizes and durations.
ITEM_BYTES, PAGE_BYTES, HEADER_BYTES = 900, 25 * 350, 700
"""An order in the table, including DynamoDB's overhead; a page of a list; the headers of a response."""
INDEXES, LOCAL_INDEXES, SHARDS = 4, 1, 4
ITEM_WRITES = 1 + INDEXES
"""Write units of an item and its entry in each index."""
MOVE_WRITES = 1 + 2 + 2 * 2
"""The item, two index entries that stay, and two that are deleted and rewritten."""
NEW_ORDER_READS, PROGRESS_WRITES = 1 + 2, 1 + MOVES + 1
"""Consistent reads of its ID and of a menu of 8 KB; its number with each move, and how long it took."""
NOTIFICATION_WRITES = 2
LIST_READS, SHORT_LIST_READS = 3.0, 0.5
"""Half a read unit per 4 KB: for a page of 26 orders, and for a list of one."""
OPEN_SHARE = 3 / 5
"""Three of the board's five lists are short: those of open orders."""
MEMORY_GB = 0.5
SECONDS = {
    "authorizer and sign-in": 0.41,
    "lists": 0.042,
    "moves and orders": 0.032,
    "stream and kitchen": 0.077,
    "live authorizer": 0.02,
}
"""Estimates per call, mostly waiting; one call in a hundred has a cold start."""
LOG_BYTES_A_CALL, LOG_BYTES_A_REQUEST, LOG_COMPRESSION = 935, 250, 0.15
SAMPLED_TRACES = 0.05
"""The share beyond the first request of each second (X-Ray developer guide, "Default sampling rule")."""
ALARMS, METRICS = 14, 7
"""Approximately the program's numbers. The stage's metrics are free."""
POLLED_QUEUES, POLLERS, POLL_SECONDS = 3, 5, 20
"""Lambda long-polls a queue with five connections (Lambda developer guide, "Using Lambda with Amazon SQS")."""
ACLS, RULES = 2, 4
SYNCHRONOUS_FUNCTIONS = 25
"""The functions behind the API, and the authorizer."""


class Price(NamedTuple):
    """The price of `per` units, and the page below https://aws.amazon.com that lists it."""

    dollars: float
    per: float
    unit: str
    page: str


PRICES = {
    "api-request": Price(3.50, 1e6, "requests to a REST API", "api-gateway/pricing/"),
    "cdn-request": Price(1.00, 1e6, "HTTPS requests", "cloudfront/pricing/pay-as-you-go/"),
    "cdn-gb": Price(0.085, 1, "GB to the internet", "cloudfront/pricing/pay-as-you-go/"),
    "log-gb": Price(0.50, 1, "GB ingested into logs", "cloudwatch/pricing/"),
    "log-gb-month": Price(0.03, 1, "GB of compressed logs per month", "cloudwatch/pricing/"),
    "metric": Price(0.30, 1, "custom metrics per month", "cloudwatch/pricing/"),
    "alarm": Price(0.10, 1, "alarms per month", "cloudwatch/pricing/"),
    "dashboard": Price(3.00, 1, "dashboards per month", "cloudwatch/pricing/"),
    "user-essentials": Price(0.015, 1, "monthly active users, tier Essentials", "cognito/pricing/"),
    "user-plus": Price(0.02, 1, "monthly active users, tier Plus", "cognito/pricing/"),
    "write": Price(0.625, 1e6, "write request units", "dynamodb/pricing/on-demand/"),
    "read": Price(0.125, 1e6, "read request units", "dynamodb/pricing/on-demand/"),
    "table-gb-month": Price(0.25, 1, "GB in tables and indexes per month", "dynamodb/pricing/on-demand/"),
    "backup-gb-month": Price(0.20, 1, "GB with point-in-time recovery per month", "dynamodb/pricing/on-demand/"),
    "live-operation": Price(1.00, 1e6, "operations of an event API", "appsync/pricing/"),
    "live-minute": Price(0.08, 1e6, "minutes of connections", "appsync/pricing/"),
    "key": Price(1.00, 1, "customer managed keys per month", "kms/pricing/"),
    "call": Price(0.20, 1e6, "function calls", "lambda/pricing/"),
    "gb-second-arm64": Price(0.0000133334, 1, "GB-seconds on arm64", "lambda/pricing/"),
    "gb-second-x86_64": Price(0.0000166667, 1, "GB-seconds on x86_64", "lambda/pricing/"),
    "provisioned-arm64": Price(0.0000033334, 1, "provisioned GB-seconds on arm64", "lambda/pricing/"),
    "provisioned-x86_64": Price(0.0000041667, 1, "provisioned GB-seconds on x86_64", "lambda/pricing/"),
    "publish": Price(0.50, 1e6, "messages published", "sns/pricing/"),
    "queue-request": Price(0.40, 1e6, "requests to standard queues", "sqs/pricing/"),
    "acl": Price(5.00, 1, "web ACLs per month", "waf/pricing/"),
    "rule": Price(1.00, 1, "rules and managed rule groups per month", "waf/pricing/"),
    "inspection": Price(0.60, 1e6, "requests inspected", "waf/pricing/"),
    "trace": Price(5.00, 1e6, "traces recorded", "xray/pricing/"),
}


class Line(NamedTuple):
    """One entry of the bill."""

    what: str
    price: str
    """A key of `PRICES`."""
    quantity: float
    why: str

    @property
    def dollars(self) -> float:
        """The cost in US dollars."""
        return self.quantity * PRICES[self.price].dollars / PRICES[self.price].per


Config = dict[str, Any]


def read_config(stack: str) -> Config:
    """A stack's settings merged over the defaults in `Pulumi.yaml`. Raises `UserError` for an unknown stack."""
    stacks = sorted(path.suffixes[0][1:] for path in ROOT.glob("Pulumi.*.yaml"))
    if stack not in stacks:
        raise UserError(f"unknown stack {stack!r}; available: {', '.join(stacks)}")
    project, given = (yaml.safe_load((ROOT / name).read_text()) for name in ("Pulumi.yaml", f"Pulumi.{stack}.yaml"))
    defaults = {key: it["default"] for key, it in project["config"].items() if "default" in it}
    prefix = f"{project['name']}:"
    return defaults | {key.removeprefix(prefix): value for key, value in given["config"].items()}


def order_lines(config: Config) -> Iterator[Line]:
    """The cost of one order, including storage of the order and its logs until they expire."""
    order_months, log_months = config["orderRetentionDays"] * 12 / 365, config["logRetentionDays"] * 12 / 365
    user = "user-essentials" if config["advancedSecurity"] == "OFF" else "user-plus"
    lists = CUSTOMER_LISTS + BOARD_LISTS + BOARD_PHOTOS
    calls = {
        "authorizer and sign-in": 1 + 1.2,
        "lists": lists,
        "moves and orders": 1 + STAFF_MOVES,
        "stream and kitchen": 1 + MOVES + 1,
        "live authorizer": SUBSCRIPTIONS,
    }
    cdn_bytes = SITE_BYTES + REQUESTS * HEADER_BYTES + FULL_LISTS * PAGE_BYTES
    log_bytes = sum(calls.values()) * LOG_BYTES_A_CALL + REQUESTS * LOG_BYTES_A_REQUEST
    board = BOARD_LISTS * SHARDS * (OPEN_SHARE * SHORT_LIST_READS + (1 - OPEN_SHARE) * LIST_READS)
    reads = CUSTOMER_LISTS * LIST_READS + board + BOARD_PHOTOS * SHARDS * SHORT_LIST_READS + NEW_ORDER_READS
    seconds = sum(number * SECONDS[kind] for kind, number in calls.items())
    writes = ITEM_WRITES + MOVES * (MOVE_WRITES + NOTIFICATION_WRITES) + PROGRESS_WRITES
    yield Line("Sign-in: customer", user, 1 / ORDERS_A_MONTH, f"{ORDERS_A_MONTH} orders a month each")
    yield Line("API: requests", "api-request", REQUESTS, f"{lists:g} of them are lists and photos")
    yield Line("CDN: requests", "cdn-request", SITE_FILES + REQUESTS, "site files and API requests")
    yield Line("CDN: data", "cdn-gb", cdn_bytes / 1e9, f"the site, headers, {FULL_LISTS:g} lists")
    live = f"{CHANGES} changes to {CHANNELS} channels, in and out; {SUBSCRIPTIONS} to connect and subscribe"
    yield Line("Live: operations", "live-operation", LIVE_OPERATIONS, live)
    yield Line("Live: connections", "live-minute", CONNECTED_MINUTES, "the customer's page and the board")
    yield Line("Functions: calls", "call", sum(calls.values()), ", ".join(calls))
    yield Line("Functions: time", f"gb-second-{config['architecture']}", MEMORY_GB * seconds, f"{MEMORY_GB:g} GB each")
    yield Line(
        "Tables: writes", "write", writes, f"an order and its number, {MOVES} moves, {MOVES} notifications, all indexes"
    )
    yield Line("Tables: reads", "read", reads, "the menu, the customer's list and the board's")
    stored = ITEM_BYTES * order_months / 1e9
    kept = f"for {config['orderRetentionDays']} days"
    yield Line("Tables: storage", "table-gb-month", stored * (1 + INDEXES), f"the order and its index entries, {kept}")
    yield Line("Tables: backup", "backup-gb-month", stored * (1 + LOCAL_INDEXES), "the table and its local index")
    yield Line("Queue: requests", "queue-request", 3, "the order for the kitchen: sent, received, deleted")
    yield Line("Topic: messages", "publish", MOVES, "one for each move; email and phone subscribers cost more")
    yield Line("Logs: ingestion", "log-gb", log_bytes / 1e9, "function logs and metrics, the API's access log")
    compressed, days = log_bytes * LOG_COMPRESSION * log_months / 1e9, config["logRetentionDays"]
    yield Line("Logs: storage", "log-gb-month", compressed, f"compressed, for {days} days")
    yield Line("Traces: sampled", "trace", SAMPLED_TRACES * (REQUESTS + 1 + MOVES), f"{SAMPLED_TRACES:.0%} of all")
    if config["webFirewall"]:
        yield Line("Firewall: requests", "inspection", SITE_FILES + ACLS * REQUESTS, "by each web ACL on their path")


def month_lines(config: Config) -> Iterator[Line]:
    """The cost of a month without orders. Metrics and traces are maximums, for a café that is never idle."""
    asked = POLLED_QUEUES * POLLERS * MONTH_SECONDS / POLL_SECONDS
    yield Line("Alarms", "alarm", ALARMS, "approximately as many as the program has")
    yield Line("Dashboard", "dashboard", 1, "the program's")
    yield Line("Metrics: functions", "metric", METRICS, "at most: metrics without the dimension kind")
    yield Line("Keys", "key", 2, "for the alarm topic and guests' tokens")
    yield Line("Queues: polling", "queue-request", asked, f"{POLLED_QUEUES} queues that Lambda polls")
    yield Line("Traces: steady", "trace", MONTH_SECONDS, "at most: the first request of each second is recorded")
    if config["webFirewall"]:
        yield Line("Firewall: web ACLs", "acl", ACLS, "`webFirewall`")
        yield Line("Firewall: rules", "rule", ACLS * RULES, f"{RULES} in each")
    if environments := SYNCHRONOUS_FUNCTIONS * config["provisionedConcurrency"]:
        kept = environments * MEMORY_GB * MONTH_SECONDS
        yield Line("Functions: provisioned", f"provisioned-{config['architecture']}", kept, "`provisionedConcurrency`")


def bill(config: Config, orders: int) -> dict[str, list[Line]]:
    """The lines for this many orders (`orders`), and those for a month without orders (`month`)."""
    return {
        "orders": [it._replace(quantity=it.quantity * orders) for it in order_lines(config)],
        "month": list(month_lines(config)),
    }


def show_cost(stack: str, orders: int, *, as_json: bool) -> None:
    """Print the bill of a stack as two tables, or as JSON. Raises `UserError`."""
    lines = bill(read_config(stack), orders)
    totals = {part: sum(it.dollars for it in of) for part, of in lines.items()}
    if as_json:
        document: Config = {"stack": stack, "region": REGION, "prices": PRICES_OF, "orders": orders}
        document |= {"dollars": {part: round(total, 2) for part, total in totals.items()}}
        for part, key in (("orders", "byOrder"), ("month", "byMonth")):
            document[key] = [{**it._asdict(), "dollars": it.dollars} for it in lines[part]]
        print(json.dumps(document, indent=2))
        return
    console = Console(width=WIDTH)
    for part, title in (("orders", f"{orders:,} orders (stack {stack})"), ("month", "A month without orders")):
        table = Table("what", "quantity", "of", "US$", "why", title=title, title_justify="left", show_footer=True)
        for it in lines[part]:
            table.add_row(it.what, f"{it.quantity:,.0f}", PRICES[it.price].unit, f"{it.dollars:,.2f}", it.why)
        for column in (table.columns[1], table.columns[3]):
            column.justify = "right"
        table.columns[0].footer, table.columns[3].footer = "total", f"{totals[part]:,.2f}"
        console.print(table)
    console.print(f"List prices in {REGION} as of {PRICES_OF} (ops/cost.py), without the free tier.")
