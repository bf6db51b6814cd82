"""The cost of reads: the capacity units that DynamoDB charges with few and with many orders in the table."""

import math
import os
import time

import pytest

from lambdas.orders.models import Status
from lambdas.orders.table import OrdersTable
from local.cafe.load import Destination, People, write_orders
from local.deployment import deploy
from local.state import State
from tests.local.conftest import write_program

pytestmark = pytest.mark.long

FEW = 400
"""Enough to fill every page, in every shard and status."""

MANY = int(os.environ.get("CAPACITY_ORDERS", "10000"))
"""`CAPACITY_ORDERS=100000` for a longer run."""

FLATNESS = 1.2
"""Maximum cost of a read with many orders, as a ratio to its cost with few."""

PAGE = 25
PEOPLE = People(("ann", "bob"), "sam")

TABLE = """
import pulumi
from components.event_pipeline.orders_table import orders_table
pulumi.export("name", orders_table("orders", protect=False, parent=None).name)
"""


def size(value):
    """Bytes of an attribute value (developer guide, "DynamoDB item sizes and formats")."""
    match value:
        case {"S": text}:
            return len(text.encode())
        case {"N": number}:
            return math.ceil(len(number) / 2) + 1
        case {"L": values}:
            return 3 + sum(1 + size(each) for each in values)
        case {"M": values}:
            return 3 + sum(1 + len(name.encode()) + size(each) for name, each in values.items())
    return 1  # Boolean or null


def units(items, consistent):
    """Capacity units of a call that reads these items: one per 4 KB, rounded up, or half if eventually consistent
    (developer guide, "DynamoDB read and write operations")."""
    whole = sum(len(name.encode()) + size(value) for item in items for name, value in item.items())
    return max(1, math.ceil(whole / 4096)) * (1 if consistent else 0.5)


class Metered:
    """A client that adds up the capacity units and the time of its reads. The emulator reports a constant per query."""

    def __init__(self, client):
        self._client = client
        self.units = 0.0
        self.seconds = 0.0

    def query(self, **arguments):
        answer = self._timed(self._client.query, arguments)
        # No items are read and then filtered out.
        assert answer["ScannedCount"] == answer["Count"]
        self.units += units(answer["Items"], arguments.get("ConsistentRead", False))
        return answer

    def get_item(self, **arguments):
        answer = self._timed(self._client.get_item, arguments)
        self.units += units([answer.get("Item", {})], arguments.get("ConsistentRead", False))
        return answer

    def _timed(self, call, arguments):
        began = time.perf_counter()
        answer = call(**arguments)
        self.seconds += time.perf_counter() - began
        return answer


def cost(dynamodb, name, read):
    """The capacity units of one call."""
    client = Metered(dynamodb)
    read(OrdersTable(name, client))
    return client.units


READS = {
    "a customer's page": lambda table: table.page("ann", None, PAGE, None),
    "a customer's page in a status": lambda table: table.page("ann", Status.FILLED, PAGE, None),
    "a page of everyone's": lambda table: table.page(None, None, PAGE, None),
    "a page of everyone's in a status": lambda table: table.page(None, Status.FILLED, PAGE, None),
    "one order": lambda table: table.get("ann", "any"),
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory, aws):
    """The cost of each read with few and with many orders in the same table."""
    project = write_program(tmp_path_factory.mktemp("table"), TABLE)
    name = deploy(project, aws, State())["name"]
    dynamodb = aws.client("dynamodb")
    measured, there = {}, 0
    for count in (FEW, MANY):
        write_orders(Destination(dynamodb, name, PEOPLE), count - there)
        there = count
        measured[count] = {what: cost(dynamodb, name, read) for what, read in READS.items()}
    yield measured
    dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize("what", READS)
def test_a_read_costs_the_same_with_many_orders_as_with_few(costs, what):
    few, many = costs[FEW][what], costs[MANY][what]

    assert few > 0
    # Items differ in size by a few bytes, and capacity comes in steps of half a unit.
    assert abs(many - few) <= max(0.5, (FLATNESS - 1) * few)


@pytest.mark.parametrize(
    ("bytes_", "consistent", "expected"),
    [(0, True, 1), (4096, True, 1), (4097, True, 2), (4096, False, 0.5), (4097, False, 1)],
)
def test_every_started_4_kb_cost_one_unit_or_half(bytes_, consistent, expected):
    items = [{"name": {"S": "x" * (bytes_ - 4)}}] if bytes_ else []

    assert units(items, consistent) == expected


def test_an_items_size_is_that_of_its_names_and_values():
    line = {"M": {"qty": {"N": "12"}, "hot": {"BOOL": True}}}

    assert size({"L": [line]}) == 3 + 1 + (3 + (1 + 3 + 2) + (1 + 3 + 1))
