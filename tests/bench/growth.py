"""Reads with few and many orders in the table, and the pipeline with few and many workers.

The emulator has no indexes: it scans the whole table for one page of orders. Reads are therefore measured on dynalite,
which has indexes.
"""

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lambdas.orders.table import OrdersTable
from local.cafe.load import Destination, People, write_orders
from tests.bench import drain
from tests.bench.dynalite import dynalite
from tests.bench.section import Row
from tests.lambdas.orders_table import create_orders_table
from tests.local.test_capacity import FLATNESS, PAGE, Metered

SIZES = (100, 10_000, int(os.environ.get("BENCH_ORDERS", "100000")))
"""Orders in each table. `BENCH_ORDERS=20000` shrinks the largest: writing 100,000 takes a minute."""

TIMES = 25
"""Repetitions of each read."""

PEOPLE = People(("ann", "bob"), "sam")

READS = {
    "a customer's page": lambda table, newest: table.page("ann", None, PAGE, None),
    "a page of everyone's": lambda table, newest: table.page(None, None, PAGE, None),
    "one order": lambda table, newest: table.get("ann", newest),
}


class Cost(NamedTuple):
    """The cost of a read."""

    whole: float
    """Elapsed seconds."""
    ours: float
    """Seconds outside DynamoDB calls."""
    units: float
    """Consumed read capacity units."""


def measure() -> Iterator[Row]:
    """Rows about reads, then about the pipeline. Takes three minutes."""
    if shutil.which("npx"):
        yield from reads()
    else:
        yield Row("lists and gets", "Node.js not found")
    yield from drain.measure()


def reads() -> Iterator[Row]:
    """Rows about lists and gets, from tables of all sizes."""
    with dynalite() as aws:
        client = aws.client("dynamodb")
        for size in SIZES:
            create_orders_table(client, table_name(size))
            write_orders(Destination(client, table_name(size), PEOPLE), size)
        for what, read in READS.items():
            yield from rows(what, costs(read, client))


def table_name(size: int) -> str:
    """The name of the table with this many orders."""
    return f"orders-{size}"


def costs(read: Callable[[OrdersTable, str], object], client: Any) -> dict[int, Cost]:
    """The median cost of a read, by table size."""
    pages = {size: OrdersTable(table_name(size), client).page("ann", None, 1, None) for size in SIZES}
    ids = {size: page.items[0].id for size, page in pages.items()}
    found: dict[int, list[Cost]] = {size: [] for size in SIZES}
    for _ in range(TIMES):
        for size in SIZES:
            metered = Metered(client)
            table = OrdersTable(table_name(size), metered)
            began = time.perf_counter()
            read(table, ids[size])
            whole = time.perf_counter() - began
            found[size].append(Cost(whole, whole - metered.seconds, metered.units))
    return {size: Cost(*map(statistics.median, zip(*each, strict=True))) for size, each in found.items()}


def rows(what: str, found: dict[int, Cost]) -> Iterator[Row]:
    """A row per size, with ratios to the smallest."""
    few = found[min(found)]
    for size, cost in found.items():
        whole, ours, units = (now / then for now, then in zip(cost, few, strict=True))
        ratios = f"{1000 * cost.ours:.2f} ms ({ours:.2f}); {1000 * cost.whole:.1f} ms ({whole:.2f})"
        goal = "" if cost is few else f"({FLATNESS:.2f})"
        yield Row(f"{what}, {size:,} orders", f"{cost.units:.1f} units ({units:.2f}); {ratios}", goal)
