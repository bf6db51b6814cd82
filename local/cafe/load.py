"""`load`: writes sample orders directly to the orders table."""

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
from lambdas.orders.pricing import price_of
from lambdas.orders.service import SECONDS_PER_DAY, new_revision
from lambdas.orders.table import to_item
from lambdas.runtime.ids import new_id, now_ms
from ops.menu import menu_file
from ops.stack import Stack, find_stack

from ..errors import UserError
from .seed import USERS

MAX_ORDERS = 1_000_000

MENU = menu_file()
CURRENCY = "EUR"
"""What the sample orders are of, and the currency of its prices."""

BATCH = 25
"""Items per BatchWriteItem request, DynamoDB's maximum."""

PARALLEL = 8
"""Parallel requests. More do not help, because Python does not serialize any faster."""

ATTEMPTS = 10
"""The maximum number of attempts to write a batch."""

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
"""The pause before the second attempt. It doubles with each further attempt, up to the longest."""

SPAN_DAYS = 30
"""The maximum age of a sample order."""

KEPT_DAYS = 365
"""The retention of an order: the default of `orderRetentionDays`."""

STATUSES = (
    *(Status.CREATED, Status.ACCEPTED, Status.READY, Status.FILLED, Status.CANCELLED),
    *(Status.FILLED, Status.FILLED, Status.FILLED),
)
"""Assigned to the orders in turn: five orders cover every status, and most orders are finished."""

BY_STAFF = frozenset({Status.READY, Status.FILLED})
"""The statuses that staff set, which also store the staff member's name in the order."""

SAMPLE_CUSTOMERS = tuple(f"sample-customer-{n:02d}" for n in range(1, 21))
SAMPLE_STAFF = "sample-staff"
"""The users of sample orders on AWS. No one can sign in with these names: the pool's user names are UUIDs."""

Pause = Callable[[float], None]


class People(NamedTuple):
    """The user names of the customers who order and of the staff member who updates the orders."""

    customers: tuple[str, ...]
    staff: str


class Destination(NamedTuple):
    """Where to write orders: a DynamoDB client, a table name, and the users."""

    dynamodb: Any
    table: str
    people: People


def load(count: str, home: Path, outputs: str | None) -> None:
    """Write `count` orders to the local run in `home`, or to the stack with these outputs (a file, or `-` for stdin).

    Raises `UserError`.
    """
    number = parse_count(count)
    try:
        stack = find_stack(home, outputs)
        table = stack.output("ordersTableName")
        people = seeded_people(stack) if outputs is None else People(SAMPLE_CUSTOMERS, SAMPLE_STAFF)
        destination = Destination(stack.client("dynamodb"), table, people)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            task = progress.add_task("orders", total=number)
            write_orders(destination, number, lambda written: progress.advance(task, written))
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"the orders could not be written: {' '.join(str(error).split())}") from error


def parse_count(text: str) -> int:
    """Parse a number of orders. Raises `UserError`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_ORDERS)) and 1 <= int(text) <= MAX_ORDERS):
        raise UserError(f"expected a number of orders from 1 to {MAX_ORDERS}, got {text!r}")
    return int(text)


def seeded_people(stack: Stack) -> People:
    """The seeded users of a local run."""

    def user_name(email: str) -> str:
        answer = stack.client("cognito-idp").admin_get_user(UserPoolId=stack.output("userPoolId"), Username=email)
        return str(answer["Username"])

    customers = tuple(user_name(user.email) for user in USERS if user.group is None)
    [staff] = [user_name(user.email) for user in USERS if user.group is not None]
    return People(customers, staff)


def write_orders(destination: Destination, count: int, written: Callable[[int], None] = lambda _: None) -> None:
    """Write `count` sample orders in parallel batches; calls `written` after each batch with its number of orders.

    Raises `UserError` and boto3's errors.
    """
    now = now_ms()

    def write(first: int) -> int:
        # Created per batch: a million orders at once would fill the memory.
        orders = [sample_order(n, destination.people, now) for n in range(first, min(first + BATCH, count))]
        write_batch(destination.dynamodb, destination.table, orders)
        return len(orders)

    with ThreadPoolExecutor(PARALLEL) as workers:
        # When a batch fails, those that have not started are cancelled.
        for number in workers.map(write, range(0, count, BATCH)):
            written(number)


def write_batch(dynamodb: Any, table: str, orders: Iterable[Order], pause: Pause = time.sleep) -> None:
    """Write up to 25 orders in one request, and retry unprocessed orders after a pause.

    boto3's `batch_writer` retries immediately and without limit, which keeps a busy table busy.
    Raises `UserError` if orders are left after the last attempt.
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
    """The n-th sample order: customers and statuses in turn, created at a random time in the last 30 days."""
    choose = random.Random(n)  # noqa: S311  sample data need not be unpredictable
    status = STATUSES[n % len(STATUSES)]
    created_at = now - choose.randrange(SPAN_DAYS * SECONDS_PER_DAY * 1000)
    touched_at = created_at if status is Status.CREATED else min(now, created_at + choose.randrange(1, 900_000))
    items = [
        Item(name=dish.name, type=dish.type, qty=choose.choice((1, 1, 1, 2, 2, 3)), price=dish.price)
        for dish in choose.sample(MENU, choose.choice((1, 1, 2, 2, 3)))
    ]
    order = Order(
        id=new_id(created_at),
        # Not `n` alone: if the number of customers divides that of statuses, a customer would miss some statuses.
        customer=people.customers[(n + n // len(STATUSES)) % len(people.customers)],
        status=status,
        items=items,
        total=sum(price_of(item) * item.qty for item in items),
        currency=CURRENCY,
        created_at=created_at,
        filled_at=touched_at if status is Status.FILLED else None,
        updated_at=touched_at,
        expire_on=created_at // 1000 + KEPT_DAYS * SECONDS_PER_DAY,
        revision=new_revision(),
    )
    if status in BY_STAFF:
        order.staff = people.staff
    return order
