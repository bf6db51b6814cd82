"""What one order makes AWS do, from the visit to the counter: quantities, each with its reason.

What the program says is taken from the program. What only a real café could say is assumed: each assumption is a
constant with its reason, and the place to put what you have measured.
"""

from math import ceil
from typing import NamedTuple

from components.orders_api import AUTHORIZER_TTL_SECONDS
from lambdas.api.routes import ROUTES
from lambdas.orders.keys import INDEXES, status_keys
from lambdas.orders.models import Status
from lambdas.runtime.ids import SHARDS
from ops.prices import GB
from ops.stacks import StackFacts

# What people do.
ORDERS_A_MONTH = 4
"""Orders of one customer in a month. Cognito asks for each customer who comes, however often."""
SIGN_INS = 1
"""Calls of `POST /authenticate` an order: with a password, or with a refresh token: an access token lives an hour."""
WATCHED_SECONDS = 180
"""How long a customer looks at the page after ordering. While nobody looks, it asks nothing."""
BOARD_SECONDS = 60
"""How long the staff's board is open for each order: one board, and an order a minute."""
OWN_MOVES = 1
"""Changes of status that the kitchen makes by itself: accepted."""
STAFF_MOVES = 2
"""Those that staff make: ready, filled."""
MOVES = OWN_MOVES + STAFF_MOVES

# What the site does; its tests measure it.
VISIT_REQUESTS = 15
"""Files of a first visit. Whoever comes again has them already, so this is the most."""
VISIT_BYTES = 22_000
FIRST_POLL_SECONDS, SLOWEST_POLL_SECONDS, POLL_GROWTH = 0.5, 5.0, 1.6
"""When the page first asks for news, and how it slows down (`site/public/lib/poller.js`)."""
OPEN_LISTS, ENDED_LISTS = 3, 2
"""The board asks for each status by itself (`site/public/api/worker.js`)."""
PHOTO_POLL_SECONDS = 30
"""How often the board asks for photos."""

# How large things are.
ITEM_BYTES = 800
"""An order of three items in the table, index keys and all."""
ORDER_BYTES = 350
"""The same on the wire."""
PAGE_ORDERS = 25
"""A list's page: the customer has ordered before, and the board shows the last that ended."""
OVERHEAD_BYTES = 100
"""What DynamoDB adds to each item and to each of its entries in indexes (developer guide, "Estimating item sizes")."""
ANSWER_BYTES = 700
"""An answer's headers, which is all of most answers: nothing is new."""
FULL_ANSWERS = (1 + MOVES) + (2 * MOVES + 1)
"""Lists with something new in them: the customer's, first and after each move; and on the board's lists, each time that
the order comes into one or leaves it."""

# What functions do.
MEMORY_GB = 0.5
MILLISECONDS = {
    "authenticate": 400,
    "authorize": 5,
    "create_order": 25,
    "get_orders": 35,
    "get_photos": 35,
    "update_order": 25,
    "publish_changes": 40,
    "accept_order": 30,
}
"""A warm call, most of which is waiting for Cognito, DynamoDB or SNS: estimates."""
COLD_SHARE, COLD_MILLISECONDS = 0.01, 700
"""One call in a hundred starts the function first, and that is charged too."""
LINES = {"create_order": 2, "publish_changes": 2, "accept_order": 2}
"""Lines that a call writes into the log; the others write one."""
METRIC_LINES = {"create_order": 1, "accept_order": 2}
"""Metrics that a call writes into the log; the others write none."""
LINE_BYTES = 500
METRIC_BYTES = 250
PLATFORM_BYTES = 400
"""Lambda's own lines of a call: START, END, REPORT with the trace."""
ACCESS_LINE_BYTES = 250
"""API Gateway's line of a request."""
LOG_COMPRESSION = 0.15
"""What is left of a log when CloudWatch has packed it: an estimate for lines of JSON."""
SAMPLED = 0.05
"""Traces that X-Ray records, beyond the first of each second (developer guide, "Default sampling rule")."""

NOTIFICATION_WRITES = 2
"""Powertools notes a notification before it is sent and after it."""
MESSAGE_REQUESTS = 3
"""A message is sent, received and deleted, each by itself: orders that come closer together share calls."""


class Use(NamedTuple):
    """So much of something that has a price."""

    what: str
    price: str
    """A key of `ops.prices.PRICES`."""
    quantity: float
    why: str


def polls(seconds: float) -> int:
    """How often the page asks for news in the first seconds after an order."""
    asked, at, pause = 0, FIRST_POLL_SECONDS, FIRST_POLL_SECONDS
    while at <= seconds:
        asked += 1
        pause = min(SLOWEST_POLL_SECONDS, pause * POLL_GROWTH)
        at += pause
    return asked


def calls() -> dict[str, float]:
    """How often each function is called for an order, by its module."""
    return {
        "authenticate": SIGN_INS,
        "authorize": ceil(WATCHED_SECONDS / AUTHORIZER_TTL_SECONDS) + BOARD_SECONDS / AUTHORIZER_TTL_SECONDS,
        "create_order": 1,
        "get_orders": polls(WATCHED_SECONDS) + _board_looks() * (OPEN_LISTS + ENDED_LISTS),
        "get_photos": BOARD_SECONDS / PHOTO_POLL_SECONDS,
        "update_order": STAFF_MOVES,
        "publish_changes": 1 + MOVES,
        "accept_order": OWN_MOVES,
    }


def api_requests() -> float:
    """How many requests the API gets for an order."""
    behind_routes = {route.function for route in ROUTES}
    return sum(number for module, number in calls().items() if module in behind_routes)


def writes() -> float:
    """Write units: an item and its entries in indexes are each charged; an entry that moves is removed and written."""
    units = ceil(ITEM_BYTES / 1024)
    moving = status_keys("", "", Status.CREATED).keys()
    move = 1 + sum(2 if index.partition_key in moving else 1 for index in INDEXES)
    return units * (1 + len(INDEXES) + MOVES * move) + MOVES * NOTIFICATION_WRITES


def reads() -> float:
    """Read units: half a unit for each 4 KB, as lists may be a moment old; a list of everyone's asks every shard."""
    page = _list_units(PAGE_ORDERS + 1)
    board = len(SHARDS) * (OPEN_LISTS * _list_units(1) + ENDED_LISTS * page)
    photos = len(SHARDS) * _list_units(1) * calls()["get_photos"]
    return polls(WATCHED_SECONDS) * page + _board_looks() * board + photos


def gb_seconds() -> float:
    """Memory times duration, of all functions."""
    cold = COLD_SHARE * COLD_MILLISECONDS
    return MEMORY_GB * sum(number * (MILLISECONDS[module] + cold) / 1000 for module, number in calls().items())


def log_bytes() -> float:
    """Bytes of all logs."""
    functions = sum(
        number * (PLATFORM_BYTES + LINES.get(module, 1) * LINE_BYTES + METRIC_LINES.get(module, 0) * METRIC_BYTES)
        for module, number in calls().items()
    )
    return functions + api_requests() * ACCESS_LINE_BYTES


def of_an_order(stack: StackFacts) -> list[Use]:
    """Everything that an order makes AWS do in a stack, for as long as it and its logs are kept there."""
    requests, called = api_requests(), calls()
    cdn_requests = VISIT_REQUESTS + requests
    cdn_bytes = VISIT_BYTES + requests * ANSWER_BYTES + FULL_ANSWERS * PAGE_ORDERS * ORDER_BYTES
    stored = ITEM_BYTES + OVERHEAD_BYTES
    uses = [
        Use("Sign-in: customer", stack.user_price, 1 / ORDERS_A_MONTH, f"{ORDERS_A_MONTH} orders a month each"),
        Use("API: requests", "api-request", requests, "sign-in, order, moves, and asking for news"),
        Use("CDN: requests", "cdn-request", cdn_requests, f"{VISIT_REQUESTS} files of the site, and the API's"),
        Use("CDN: data", "cdn-gb", cdn_bytes / GB, f"the site, headers, {FULL_ANSWERS} lists with something new"),
        Use("Functions: calls", "call", sum(called.values()), "of " + ", ".join(called)),
        Use("Functions: time", f"gb-second-{stack.architecture}", gb_seconds(), f"{MEMORY_GB:g} GB each"),
        Use("Tables: writes", "write", writes(), f"an order, {MOVES} moves, {MOVES} notifications, all indexes"),
        Use("Tables: reads", "read", reads(), "the customer's list and the board's"),
        Use(
            "Tables: storage",
            "table-gb-month",
            stored * (1 + len(INDEXES)) * stack.order_months / GB,
            f"the order and its entries in indexes, for {stack.order_days} days",
        ),
        Use(
            "Tables: backup",
            "backup-gb-month",
            stored * (1 + sum(index.local for index in INDEXES)) * stack.order_months / GB,
            "point-in-time recovery of the table and its local index",
        ),
        Use("Queue: requests", "queue-request", MESSAGE_REQUESTS, "the order for the kitchen"),
        Use("Topic: messages", "publish", MOVES, "one for each move; who subscribes by mail or phone pays more"),
        Use("Logs: taken in", "log-gb", log_bytes() / GB, "functions' lines and metrics, the API's access log"),
        Use(
            "Logs: storage",
            "log-gb-month",
            log_bytes() * LOG_COMPRESSION * stack.log_months / GB,
            f"compressed, for {stack.log_days} days",
        ),
        Use("Traces: sampled", "trace", SAMPLED * (requests + called["publish_changes"]), f"{SAMPLED:.0%} of all"),
    ]
    if stack.acls:
        # One of them stands before the CDN, and what is for the API passes the other one too.
        inspected = cdn_requests + (stack.acls - 1) * requests
        uses.append(Use("Firewall: requests", "inspection", inspected, "by each web ACL that they pass"))
    return uses


def _board_looks() -> float:
    return BOARD_SECONDS / SLOWEST_POLL_SECONDS


def _list_units(orders: int) -> float:
    return 0.5 * ceil(orders * ITEM_BYTES / 4096)
