"""What reading costs: the capacity that DynamoDB charges, with few orders in the table and with many."""

import os

import pytest

from lambdas.orders.models import Status
from lambdas.orders.table import OrdersTable
from local import engine
from local.load import Destination, People, write_orders
from tests.local.conftest import write_program

pytestmark = pytest.mark.long

FEW = 100
MANY = int(os.environ.get("CAPACITY_ORDERS", "10000"))
"""`CAPACITY_ORDERS=100000` for long."""

PAGE = 25
PEOPLE = People(("ann", "bob"), "sam")

TABLE = """
import pulumi
from components.event_pipeline import orders_table
pulumi.export("name", orders_table("orders", pulumi.ResourceOptions()).name)
"""


class Metered:
    """A client that adds up the capacity of what it reads."""

    def __init__(self, client):
        self._client = client
        self.units = 0.0

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if name not in ("query", "get_item"):
            return call

        def metered(**arguments):
            answer = call(**arguments, ReturnConsumedCapacity="TOTAL")
            self.units += answer["ConsumedCapacity"]["CapacityUnits"]
            return answer

        return metered


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
    """What each read costs with few and with many orders in the one table."""
    project = write_program(tmp_path_factory.mktemp("table"), TABLE)
    name = engine.make(project, aws, lambda: None)["name"]
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
    # A page's items differ in size by a few bytes, and capacity comes in steps of half a unit.
    assert abs(many - few) <= max(0.5, 0.2 * few)
