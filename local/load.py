"""`load`: any number of plausible orders, written straight into the orders table."""

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from lambdas.orders.models import Item, Order, Status
from lambdas.orders.service import SECONDS_PER_DAY, new_revision
from lambdas.orders.table import to_item
from lambdas.runtime.ids import new_id, now_ms
from ops.errors import UserError
from ops.stack import Stack, find_stack

from .seed import USERS

MAX_ORDERS = 1_000_000

BATCH = 25
"""Items in a BatchWriteItem: DynamoDB takes no more."""

PARALLEL = 8
"""Requests at once. More of them do not make Python serialize any faster."""

ATTEMPTS = 10
"""How often a batch is sent, until all of it is written."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
"""The pause before a second attempt, which doubles with each, up to the longest."""

SPAN_DAYS = 30
"""How far back the orders were made."""

KEPT_DAYS = 365
"""How long an order is kept: the default of `orderRetentionDays`."""

MENU = (
    ("Espresso", "coffee"),
    ("Cappuccino", "coffee"),
    ("Mint tea", "tea"),
    ("Lemonade", "cold"),
    ("Croissant", "bakery"),
    ("Blueberry muffin", "bakery"),
)
"""Name and type of what is ordered."""

STATUSES = (
    *(Status.CREATED, Status.ACCEPTED, Status.READY, Status.FILLED, Status.CANCELLED),
    *(Status.FILLED, Status.FILLED, Status.FILLED),
)
"""The orders take these in turn: every status is there from the fifth order on, and most orders are done with."""

BY_STAFF = frozenset({Status.READY, Status.FILLED})
"""The statuses to which staff moves an order, and leaves a name on it."""

MADE_UP_CUSTOMERS = tuple(f"sample-customer-{n:02d}" for n in range(1, 21))
MADE_UP_STAFF = "sample-staff"
"""The people of a real stack's samples: nobody signs in by such a name, as the pool's user names are UUIDs."""

Pause = Callable[[float], None]


class People(NamedTuple):
    """User names: whose the orders are, and who moved them along."""

    customers: tuple[str, ...]
    staff: str


class Destination(NamedTuple):
    """Where orders go: a DynamoDB client, a table, and the people of that place."""

    dynamodb: Any
    table: str
    people: People


def load(count: str, home: Path, outputs: str | None) -> None:
    """Write `count` orders to the run in `home`, or to the stack whose outputs are in a file (`-`: standard input).

    Raises `UserError`.
    """
    number = parse_count(count)
    try:
        stack = find_stack(home, outputs)
        table = stack.output("ordersTableName")
        people = seeded_people(stack) if outputs is None else People(MADE_UP_CUSTOMERS, MADE_UP_STAFF)
        destination = Destination(stack.client("dynamodb"), table, people)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            task = progress.add_task("orders", total=number)
            write_orders(destination, number, lambda written: progress.advance(task, written))
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"the orders could not be written: {' '.join(str(error).split())}") from error


def parse_count(text: str) -> int:
    """A number of orders. Raises `UserError`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_ORDERS)) and 1 <= int(text) <= MAX_ORDERS):
        raise UserError(f"{text!r} is not a number of orders; allowed is 1 to {MAX_ORDERS}")
    return int(text)


def seeded_people(stack: Stack) -> People:
    """Those who may sign in at a local run."""

    def user_name(email: str) -> str:
        answer = stack.client("cognito-idp").admin_get_user(UserPoolId=stack.output("userPoolId"), Username=email)
        return str(answer["Username"])

    customers = tuple(user_name(user.email) for user in USERS if user.group is None)
    [staff] = [user_name(user.email) for user in USERS if user.group is not None]
    return People(customers, staff)


def write_orders(destination: Destination, count: int, written: Callable[[int], None] = lambda _: None) -> None:
    """Write `count` sample orders, several batches at once; `written` is told after each batch how many it had.

    Raises `UserError`, and what boto3 raises.
    """
    now = now_ms()

    def write(first: int) -> int:
        # Made where they are written: a million orders at once would fill the memory.
        orders = [sample_order(n, destination.people, now) for n in range(first, min(first + BATCH, count))]
        write_batch(destination.dynamodb, destination.table, orders)
        return len(orders)

    with ThreadPoolExecutor(PARALLEL) as workers:
        # When one batch fails, those that have not begun are given up.
        for number in workers.map(write, range(0, count, BATCH)):
            written(number)


def write_batch(dynamodb: Any, table: str, orders: Iterable[Order], pause: Pause = time.sleep) -> None:
    """Write up to 25 orders in one request, and in further ones what DynamoDB left undone.

    boto3's `batch_writer` sends the rest again at once, and as often as it takes: a table that is too busy is kept so.
    Raises `UserError` when orders are left after the last attempt.
    """
    rest: list[Any] = [{"PutRequest": {"Item": to_item(order)}} for order in orders]
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS))
        answer = dynamodb.batch_write_item(RequestItems={table: rest})
        rest = answer.get("UnprocessedItems", {}).get(table, [])
        if not rest:
            return
    raise UserError(f"{len(rest)} orders could not be written in {ATTEMPTS} attempts: table {table} is too busy")


def sample_order(n: int, people: People, now: int) -> Order:
    """The n-th of some orders: customers and statuses in turn, made some time in the last 30 days."""
    choose = random.Random(n)  # noqa: S311  nobody has to be unable to guess what was ordered
    status = STATUSES[n % len(STATUSES)]
    created_at = now - choose.randrange(SPAN_DAYS * SECONDS_PER_DAY * 1000)
    touched_at = created_at if status is Status.CREATED else min(now, created_at + choose.randrange(1, 900_000))
    order = Order(
        id=new_id(created_at),
        # Not `n` alone: the number of statuses may be a multiple of that of the customers.
        customer=people.customers[(n + n // len(STATUSES)) % len(people.customers)],
        status=status,
        items=[
            Item(name=name, type=type_, qty=choose.choice((1, 1, 1, 2, 2, 3)))
            for name, type_ in choose.sample(MENU, choose.choice((1, 1, 2, 2, 3)))
        ],
        created_at=created_at,
        filled_at=touched_at if status is Status.FILLED else None,
        updated_at=touched_at,
        expire_on=created_at // 1000 + KEPT_DAYS * SECONDS_PER_DAY,
        revision=new_revision(),
    )
    if status in BY_STAFF:
        order.staff = people.staff
    return order
