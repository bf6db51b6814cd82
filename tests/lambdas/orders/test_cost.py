"""The DynamoDB requests and read items of each call do not grow from a hundred to ten thousand orders."""

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
from lambdas.cafe.offer import Offer
from lambdas.cafe.waiting import Waiting
from lambdas.orders import keys
from lambdas.orders.models import Status
from lambdas.orders.pricing import Pricing
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
"""Ann's orders in these statuses, and one that does not exist."""


class Meter:
    """A client that records each call and the number of items that it reads.

    moto does not simulate consumed capacity. On AWS, a query's capacity depends on the items that it evaluates.
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
            # The number of items before filtering, which AWS bills.
            self.calls.append((name, answer.get("ScannedCount", int("Item" in answer))))
            assert "FilterExpression" not in arguments
            return answer

        return metered


@cache
def items(count):
    """Orders in moto's internal format, half of them ann's. Creating them with requests would take minutes."""
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
    """Put orders into moto's table."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(TABLE)
    for name, orders in items(count).items():
        mine = table.items[DynamoType({"S": name})]
        mine.update(orders)
        # moto changes items in place, so copy the items that a test may change.
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
    """Call a handler with the metered table."""

    def answer(module, event):
        pricing = Pricing(lambda: Offer([]), "EUR", menu_only=False)
        orders = Orders(OrdersTable(TABLE, meter), RETENTION_DAYS, pricing=pricing)
        for service in ("orders", "priced_orders"):
            if hasattr(module, service):
                monkeypatch.setattr(module, service, lambda: orders)
        waiting = Waiting(lambda now: [], lambda since: [])
        monkeypatch.setattr(module, "waiting", lambda: waiting, raising=False)
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
def test_a_page_takes_one_query_per_partition_and_reads_one_extra_item(run, meter, caller, query, queries):
    """The extra item shows whether there is a next page."""
    first = run(get_orders, api_event(caller=caller, query=query))
    calls = [*meter.calls]
    [cursor] = re.findall(r"[?&]cursor=([^&>]+)", first["headers"]["Link"])
    second = run(get_orders, api_event(caller=caller, query={**query, "cursor": cursor}))

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert first["body"] != second["body"]
    for recorded in (calls, meter.calls):
        assert [name for name, _ in recorded] == ["query"] * queries
        # With a hundred orders, a shard may contain less than a page in one status.
        assert all(0 < read <= PAGE + 1 for _, read in recorded)


@pytest.mark.parametrize(("caller", "query", "queries"), LISTS)
def test_a_page_of_one_reads_two_items_per_partition(run, meter, caller, query, queries):
    run(get_orders, api_event(caller=caller, query={**query, "limit": "1"}))

    assert meter.calls == [("query", 2)] * queries


@pytest.mark.parametrize(
    ("module", "event", "status", "calls"),
    [
        pytest.param(get_order, about("GET", CREATED), 200, [("get_item", 1)], id="get"),
        pytest.param(get_order, about("GET", NONE), 404, [("get_item", 0)], id="get a missing order"),
        pytest.param(
            create_order,
            api_event("POST", body={**ESPRESSO, "id": "new"}),
            201,
            [("get_item", 0), ("put_item", 0)],
            id="create",
        ),
        pytest.param(
            create_order, api_event("POST", body={**ESPRESSO, "id": CREATED.id}), 200, [("get_item", 1)], id="repeat"
        ),
        pytest.param(
            create_order,
            api_event("POST", body={"name": "Tea", "quantity": 1, "id": CREATED.id}),
            409,
            [("get_item", 1)],
            id="create with different content",
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
            [("update_item", 0), ("get_item", 1)],
            id="invalid move",
        ),
        pytest.param(
            update_order,
            about("PATCH", NONE, SAM, body={"status": "ready"}),
            404,
            [("update_item", 0)],
            id="move a missing order",
        ),
        pytest.param(
            update_order,
            about("PATCH", ACCEPTED, SAM, body={"status": "ready"}, headers={"If-Match": '"another"'}),
            412,
            [("update_item", 0)],
            id="move with another revision",
        ),
        pytest.param(replace_order, about("PUT", CREATED, body=ESPRESSO), 200, [("update_item", 0)], id="replace"),
        pytest.param(
            replace_order, about("PUT", ACCEPTED, body=ESPRESSO), 409, [("update_item", 0)], id="replace too late"
        ),
        pytest.param(delete_order, about("DELETE", CREATED, ANN_WITH_DELETE), 204, [("delete_item", 0)], id="delete"),
        pytest.param(
            delete_order, about("DELETE", NONE, ANN_WITH_DELETE), 404, [("delete_item", 0)], id="delete a missing order"
        ),
        pytest.param(get_order, about("GET", CREATED, caller=ANN_WITH_DELETE), 200, [("get_item", 1)], id="get again"),
        pytest.param(delete_order, about("DELETE", CREATED), 403, [], id="delete without the scope"),
        pytest.param(
            update_order, about("PATCH", ACCEPTED, body={"status": "ready"}), 403, [], id="move by a customer"
        ),
        pytest.param(get_orders, api_event(query={"customer": "bob"}), 403, [], id="another customer's list"),
    ],
)
def test_other_calls_take_one_request_and_a_new_order_with_an_id_two(run, meter, module, event, status, calls):
    assert run(module, event)["statusCode"] == status
    assert meter.calls == calls


def test_no_function_scans():
    """Checks the sources, because tests may not reach every call."""
    sources = list(LAMBDAS.rglob("*.py"))
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for source in sources
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }

    assert {"query", "get_item", "put_item", "update_item", "delete_item"} <= called
    assert not {name for name in called if name in {"scan", "execute_statement", "get_paginator"}}
