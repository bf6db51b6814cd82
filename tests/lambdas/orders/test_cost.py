"""What each call costs in requests to DynamoDB and items read: the same with ten thousand orders as with a hundred."""

import ast
import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from lambdas import create_order, delete_order, get_order, get_orders, replace_order, update_order
from lambdas.orders import keys
from lambdas.orders.models import Status
from lambdas.orders.service import Orders
from lambdas.orders.table import OrdersTable, to_item
from tests.lambdas.builders import ANN, ANN_WITH_DELETE, NOON, RETENTION_DAYS, SAM, TABLE, an_order, api_event
from tests.lambdas.builders import order_event as about
from tests.lambdas.conftest import REGION

LAMBDAS = Path(__file__).parents[3] / "lambdas"
ESPRESSO = {"items": [{"name": "Espresso", "qty": 1}]}
SHARDS = len(keys.SHARDS)
FEW, MANY = 100, 10_000
PAGE = 25

ACCEPTED, CREATED, NONE = an_order("order-00004"), an_order("order-00000"), an_order("none")
"""Ann's orders in these statuses, and one that is not there."""


class Meter:
    """A client that writes down each call and how many items it read.

    moto has no consumed capacity to speak of; on AWS the capacity of a query follows from the items that it evaluates.
    """

    def __init__(self, client) -> None:
        self._client = client
        self.calls: list[tuple[str, int]] = []

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if name == "exceptions":
            return call

        def metered(**arguments):
            try:
                answer = call(**arguments)
            except self._client.exceptions.ClientError:
                self.calls.append((name, 0))
                raise
            # Before any filter: those are what is paid for.
            self.calls.append((name, answer.get("ScannedCount", int("Item" in answer))))
            assert "FilterExpression" not in arguments
            return answer

        return metered


@cache
def items(count):
    """So many orders, half of them ann's, as moto keeps them: made one by one and by requests they take minutes."""
    statuses = list(Status)
    found = {"ann": {}, "bob": {}}
    for n in range(count):
        # Every other order of a customer is in the same status.
        status = Status.FILLED if n // 2 % 2 else statuses[n // 4 % len(statuses)]
        order = an_order(f"order-{n:05d}", ("ann", "bob")[n % 2], created_at=NOON + n * 1000, status=status)
        item = to_item(order)
        customer, id_ = DynamoType(item["customer"]), DynamoType(item["id"])
        found[order.customer][id_] = Item(customer, id_, item)
    return found


def fill(count):
    """Put them into moto's table."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(TABLE)
    for name, orders in items(count).items():
        mine = table.items[DynamoType({"S": name})]
        mine.update(orders)
        # moto changes an item where it is: what a test may change is its own.
        for order in (CREATED, ACCEPTED):
            id_ = DynamoType({"S": order.id})
            if id_ in mine:
                mine[id_] = deepcopy(mine[id_])


@pytest.fixture(params=[FEW, MANY], ids=lambda count: f"{count} orders")
def meter(request, dynamodb):
    fill(request.param)
    return Meter(dynamodb)


@pytest.fixture
def run(meter, context, monkeypatch):
    """Call a handler, which works on the metered table, and get its answer's status and the calls that it made."""

    def answer(module, event):
        monkeypatch.setattr(module, "orders", lambda: Orders(OrdersTable(TABLE, meter), RETENTION_DAYS))
        meter.calls.clear()
        return module.handler(event, context)

    return answer


LISTS = [
    pytest.param(ANN, {}, 1, id="a customer's own"),
    pytest.param(ANN, {"status": "filled"}, 1, id="a customer's own in a status"),
    pytest.param(SAM, {"customer": "ann"}, 1, id="a customer's, for staff"),
    pytest.param(SAM, {}, SHARDS, id="everyone's"),
    pytest.param(SAM, {"status": "filled"}, SHARDS, id="everyone's in a status"),
]


@pytest.mark.parametrize(("caller", "query", "queries"), LISTS)
def test_a_page_is_one_query_a_partition_and_reads_one_item_more_than_it_shows(run, meter, caller, query, queries):
    """The one more is how a page knows that there is another."""
    first = run(get_orders, api_event(caller=caller, query=query))
    calls = [*meter.calls]
    [cursor] = re.findall(r"[?&]cursor=([^&>]+)", first["headers"]["Link"])
    second = run(get_orders, api_event(caller=caller, query={**query, "cursor": cursor}))

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert first["body"] != second["body"]
    for made in (calls, meter.calls):
        assert [name for name, _ in made] == ["query"] * queries
        # A shard of a hundred orders in one status may hold fewer than a page.
        assert all(0 < read <= PAGE + 1 for _, read in made)


@pytest.mark.parametrize(("caller", "query", "queries"), LISTS)
def test_a_page_of_one_reads_two_items_a_partition(run, meter, caller, query, queries):
    run(get_orders, api_event(caller=caller, query={**query, "limit": "1"}))

    assert meter.calls == [("query", 2)] * queries


@pytest.mark.parametrize(
    ("module", "event", "status", "calls"),
    [
        pytest.param(get_order, about("GET", CREATED), 200, [("get_item", 1)], id="get"),
        pytest.param(get_order, about("GET", NONE), 404, [("get_item", 0)], id="get none"),
        pytest.param(
            create_order, api_event("POST", body={**ESPRESSO, "id": "new"}), 201, [("put_item", 0)], id="create"
        ),
        pytest.param(
            create_order, api_event("POST", body={**ESPRESSO, "id": CREATED.id}), 200, [("put_item", 0)], id="repeat"
        ),
        pytest.param(
            create_order,
            api_event("POST", body={"name": "Tea", "quantity": 1, "id": CREATED.id}),
            409,
            [("put_item", 0)],
            id="create with other content",
        ),
        pytest.param(
            update_order,
            about("PATCH", ACCEPTED, SAM, body={"status": "ready"}),
            200,
            [("update_item", 0)],
            id="move",
        ),
        pytest.param(
            update_order,
            about("PATCH", ACCEPTED, SAM, body={"status": "filled"}),
            409,
            [("update_item", 0)],
            id="move that the lifecycle does not allow",
        ),
        pytest.param(
            update_order,
            about("PATCH", NONE, SAM, body={"status": "ready"}),
            404,
            [("update_item", 0)],
            id="move none",
        ),
        pytest.param(
            update_order,
            about("PATCH", ACCEPTED, SAM, body={"status": "ready"}, headers={"If-Match": '"another"'}),
            412,
            [("update_item", 0)],
            id="move another state",
        ),
        pytest.param(replace_order, about("PUT", CREATED, body=ESPRESSO), 200, [("update_item", 0)], id="replace"),
        pytest.param(
            replace_order, about("PUT", ACCEPTED, body=ESPRESSO), 409, [("update_item", 0)], id="replace too late"
        ),
        pytest.param(delete_order, about("DELETE", CREATED, ANN_WITH_DELETE), 204, [("delete_item", 0)], id="delete"),
        pytest.param(delete_order, about("DELETE", NONE, ANN_WITH_DELETE), 404, [("delete_item", 0)], id="delete none"),
        pytest.param(get_order, about("GET", CREATED, caller=ANN_WITH_DELETE), 200, [("get_item", 1)], id="get again"),
        pytest.param(delete_order, about("DELETE", CREATED), 403, [], id="delete without the scope"),
        pytest.param(
            update_order, about("PATCH", ACCEPTED, body={"status": "ready"}), 403, [], id="move by a customer"
        ),
        pytest.param(get_orders, api_event(query={"customer": "bob"}), 403, [], id="another customer's list"),
    ],
)
def test_anything_else_is_one_request(run, meter, module, event, status, calls):
    assert run(module, event)["statusCode"] == status
    assert meter.calls == calls


def test_no_function_scans():
    """Not in a corner that no test reaches, either: nothing in the sources is called by a scan's name."""
    sources = list(LAMBDAS.rglob("*.py"))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }

    assert {"query", "get_item", "put_item", "update_item", "delete_item"} <= called
    assert not {name for name in called if "scan" in name.lower() or name in {"execute_statement", "get_paginator"}}
