"""Reading with few and with many orders in the table, and the pipeline with few and with many workers."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from lambdas.orders.table import OrdersTable
from local import engine
from local.aws import Aws
from local.emulator import Emulator, free_port
from local.load import Destination, People, write_orders
from tests.bench import drain
from tests.bench.section import Row
from tests.local.conftest import write_program
from tests.local.test_capacity import FLATNESS, PAGE, Metered

SIZES = (100, 10_000, int(os.environ.get("BENCH_ORDERS", "100000")))
"""Orders in each table. `BENCH_ORDERS=20000` makes the largest one smaller: writing 100,000 takes a minute."""

TIMES = 5
"""How often each read is timed."""

PEOPLE = People(("ann", "bob"), "sam")

TABLES = """
import pulumi
from components.orders_table import orders_table
for size in {sizes}:
    pulumi.export(str(size), orders_table(f"orders-{{size}}", protect=False, parent=None).name)
"""


READS = {
    "a customer's page": lambda table, newest: table.page("ann", None, PAGE, None),
    "a page of everyone's": lambda table, newest: table.page(None, None, PAGE, None),
    "one order": lambda table, newest: table.get("ann", newest),
}


class Cost(NamedTuple):
    """What a read takes."""

    whole: float
    """Seconds."""
    ours: float
    """Those among them that did not go by in a call of DynamoDB."""
    units: float
    """Consumed capacity."""


def measure() -> Iterator[Row]:
    """Rows about reads, then those about the pipeline; three minutes in all."""
    yield from reads()
    yield from drain.measure()


def reads() -> Iterator[Row]:
    """Lists and gets, in tables of all sizes in turn."""
    with TemporaryDirectory() as folder:
        emulator = Emulator(free_port(), Path(folder) / "emulator", "us-east-1")
        try:
            emulator.wait_until_ready()
            aws = Aws(emulator.endpoint, "us-east-1")
            names = filled_tables(aws, Path(folder))
            for what, read in READS.items():
                yield from rows(what, costs(read, names, aws.client("dynamodb")))
        finally:
            emulator.stop()


def filled_tables(aws: Aws, folder: Path) -> dict[int, str]:
    """A table of each size, by its number of orders."""
    made = engine.make(write_program(folder, TABLES.format(sizes=SIZES)), aws, lambda: None)
    for size in SIZES:
        write_orders(Destination(aws.client("dynamodb"), made[str(size)], PEOPLE), size)
    return {size: made[str(size)] for size in SIZES}


def costs(read: Callable[[OrdersTable, str], object], names: dict[int, str], client: Any) -> dict[int, Cost]:
    """What a read takes in each table: medians."""
    ids = {size: OrdersTable(name, client).page("ann", None, 1, None).orders[0].id for size, name in names.items()}
    found: dict[int, list[Cost]] = {size: [] for size in names}
    for _ in range(TIMES):
        for size, name in names.items():
            metered = Metered(client)
            table = OrdersTable(name, metered)
            began = time.perf_counter()
            read(table, ids[size])
            whole = time.perf_counter() - began
            found[size].append(Cost(whole, whole - metered.seconds, metered.units))
    return {size: Cost(*map(statistics.median, zip(*each, strict=True))) for size, each in found.items()}


def rows(what: str, found: dict[int, Cost]) -> Iterator[Row]:
    """A row for each size, with ratios to the smallest."""
    few = found[min(found)]
    for size, cost in found.items():
        whole, ours, units = (now / then for now, then in zip(cost, few, strict=True))
        ratios = f"{1000 * cost.ours:.2f} ms ({ours:.2f}); {1000 * cost.whole:.1f} ms ({whole:.2f})"
        goal = "" if cost is few else f"({FLATNESS:.2f})"
        yield Row(f"{what}, {size:,} orders", f"{cost.units:.1f} units ({units:.2f}); {ratios}", goal)
