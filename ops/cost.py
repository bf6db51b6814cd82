"""`python -m ops cost`: what a stack costs, an order and a month, with its arithmetic."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from ops.order_path import Use, of_an_order
from ops.prices import PRICES, REGION, TAKEN
from ops.stacks import StackFacts
from ops.standing import of_a_month

WIDTH = 160
"""A line an entry, however narrow the terminal: it is searched and compared more often than looked at."""


class Line(NamedTuple):
    """One entry of the bill."""

    what: str
    quantity: float
    unit: str
    dollars: float
    why: str
    page: str


class Bill(NamedTuple):
    """What a number of orders costs, and what a month costs without any."""

    orders: int
    by_order: list[Line]
    by_month: list[Line]

    @property
    def of_orders(self) -> float:
        """Dollars for the orders."""
        return sum(line.dollars for line in self.by_order)

    @property
    def of_month(self) -> float:
        """Dollars a month without orders."""
        return sum(line.dollars for line in self.by_month)


def bill(stack: StackFacts, orders: int) -> Bill:
    """The bill of a stack for so many orders, and of a month."""
    return Bill(orders, lines(of_an_order(stack), orders), lines(of_a_month(stack)))


def lines(uses: Iterable[Use], times: int = 1) -> list[Line]:
    """Uses and their prices, as often as it says."""
    return [
        Line(
            use.what,
            use.quantity * times,
            PRICES[use.price].unit,
            use.quantity * times * PRICES[use.price].dollars / PRICES[use.price].per,
            use.why,
            PRICES[use.price].page,
        )
        for use in uses
    ]


def print_bill(stack: str, made: Bill) -> None:
    """The bill as two tables."""
    console = Console(width=WIDTH)
    console.print(_table(f"{made.orders:,} orders (stack {stack})", made.by_order, made.of_orders))
    console.print(_table("A month without any", made.by_month, made.of_month))
    console.print(
        f"List prices of {REGION}, written down by hand in {TAKEN} (ops/prices.py). The free tier is left out."
    )


def print_json(stack: str, made: Bill) -> None:
    """The same for a program."""
    document = {
        "stack": stack,
        "region": REGION,
        "prices": TAKEN,
        "orders": made.orders,
        "dollars": {"orders": round(made.of_orders, 2), "month": round(made.of_month, 2)},
        "byOrder": [line._asdict() for line in made.by_order],
        "byMonth": [line._asdict() for line in made.by_month],
    }
    print(json.dumps(document, indent=2))


def _table(title: str, rows: list[Line], total: float) -> Table:
    table = Table("what", "quantity", "of", "US$", "why", title=title, title_justify="left", show_footer=True)
    for line in rows:
        table.add_row(line.what, f"{line.quantity:,.0f}", line.unit, f"{line.dollars:,.2f}", line.why)
    for column in (table.columns[1], table.columns[3]):
        column.justify = "right"
    table.columns[0].footer, table.columns[3].footer = "together", f"{total:,.2f}"
    return table
