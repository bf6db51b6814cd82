"""Behavior specific to DynamoDB. `test_store.py` tests the shared behavior of stores."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from boto3.dynamodb.types import TypeDeserializer

from lambdas.orders import keys
from lambdas.orders.models import Item, Status
from lambdas.orders.table import OrdersTable, from_item, insert_request, key, query_request, to_item, update_request
from lambdas.runtime import transactions
from lambdas.runtime.errors import Refusal
from tests.lambdas import fakes
from tests.lambdas.builders import NOON, TABLE, an_order, orders_of

WRITERS = 20


def plain(item):
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def resolved(request):
    """An update's expressions, with names and values substituted."""
    names = request["ExpressionAttributeNames"]
    values = plain(request["ExpressionAttributeValues"])

    def resolve(expression):
        return re.sub(r"[#:]\w+", lambda m: str(names.get(m[0], values.get(m[0]))), expression)

    return resolve(request["UpdateExpression"]), resolve(request["ConditionExpression"])


class TestItem:
    def test_contains_the_order_and_its_index_keys(self):
        order = an_order("7", restaurant_id=9, correlation_id="request-1")

        item = plain(to_item(order))

        assert item == {
            "id": "7",
            "customer": "ann",
            "status": "created",
            "items": [{"name": "Espresso", "type": "", "qty": 1, "price": 0}],
            "total": 0,
            "currency": "EUR",
            "restaurantId": 9,
            "_createdAt": NOON,
            "_updatedAt": NOON,
            "_filledAt": None,
            "_expireOn": order.expire_on,
            "_revision": "",
            "_correlationId": "request-1",
            "_movedAt": 0,
            **keys.index_keys(order),
        }

    def test_expires_at_a_number_as_ttl_requires(self):
        assert to_item(an_order(expire_on=1_702_592_000))["_expireOn"] == {"N": "1702592000"}

    def test_can_be_converted_back_to_the_order(self):
        order = an_order(items=[Item("Muffin", 2, "sweet")], restaurant_id="r1", staff="sam", filled_at=NOON)

        assert from_item(to_item(order)) == order

    def test_ignores_unknown_attributes(self):
        assert from_item({**to_item(an_order()), "_later": {"S": "x"}}) == an_order()


class TestInsertRequest:
    def test_is_conditional_and_returns_the_stored_item(self):
        request = insert_request(an_order())

        assert request == {
            "Item": to_item(an_order()),
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


class TestUpdateRequest:
    def test_contains_the_orders_key(self):
        assert update_request("ann", "7", {"_updatedAt": 5}, {Status.CREATED})["Key"] == key("ann", "7")

    def test_sets_the_changes_if_the_status_matches(self):
        request = update_request("ann", "7", {"_updatedAt": 5}, {Status.CREATED, Status.ACCEPTED})

        assert resolved(request) == ("SET _updatedAt = 5", "status IN (accepted, created)")

    def test_sets_the_index_keys_with_the_status(self):
        update, _ = resolved(update_request("ann", "7", {"status": Status.READY}, {Status.ACCEPTED}))

        expected = {"status": "ready", **keys.status_keys("ann", "7", Status.READY)}
        assert sorted(update.removeprefix("SET ").split(", ")) == sorted(f"{k} = {v}" for k, v in expected.items())

    def test_keeps_the_index_keys_if_the_status_does_not_change(self):
        request = update_request("ann", "7", {"items": [Item("Muffin", 2)]}, {Status.CREATED})

        assert set(request["ExpressionAttributeNames"].values()) == {"items", "status"}

    def test_without_an_allowed_status_cannot_be_met(self):
        _, condition = resolved(update_request("ann", "7", {"status": Status.CREATED}, set()))

        assert condition == "status IN ()"

    def test_contains_no_values_in_its_expressions(self):
        request = update_request("ann", "7", {"staff": "x = y, status"}, {Status.CREATED})

        assert "x = y" not in request["UpdateExpression"] + request["ConditionExpression"]

    def test_is_deterministic(self):
        first, second = (
            update_request("ann", "7", {"status": Status.CANCELLED}, when)
            for when in ({Status.CREATED, Status.ACCEPTED}, {Status.ACCEPTED, Status.CREATED})
        )

        assert json.dumps(first) == json.dumps(second)


class TestQueryRequest:
    @pytest.mark.parametrize("index", keys.INDEXES, ids=lambda index: index.name)
    def test_reads_one_partition_in_descending_order(self, index):
        request = query_request(index, "ann", 25, None)

        assert request == {
            "IndexName": index.name,
            "KeyConditionExpression": "#partition = :partition",
            "ExpressionAttributeNames": {"#partition": index.partition_key},
            "ExpressionAttributeValues": {":partition": {"S": "ann"}},
            "ScanIndexForward": False,
            "Limit": 25,
        }

    def test_continues_after_a_position(self):
        request = query_request(keys.CUSTOMER_TIME, "ann", 25, "1700000000000#7#0123abcd")

        assert request["KeyConditionExpression"] == "#partition = :partition AND #at < :after"
        assert request["ExpressionAttributeNames"]["#at"] == "_at"
        assert request["ExpressionAttributeValues"][":after"] == {"S": "1700000000000#7#0123abcd"}


class CountingClient:
    """A client that records calls."""

    def __init__(self, client) -> None:
        self._client = client
        self.calls: list[tuple[str, dict]] = []

    def __getattr__(self, name):
        call = getattr(self._client, name)
        if not callable(call) or name == "exceptions":
            return call

        def counted(**arguments):
            self.calls.append((name, arguments))
            return call(**arguments)

        return counted


class SmallResponses(CountingClient):
    """Limits a query's response to one order, like DynamoDB's limit of 1 MB."""

    def query(self, **arguments):
        self.calls.append(("query", arguments))
        return self._client.query(**{**arguments, "Limit": 1})


class OneAtATime:
    """Serializes calls like DynamoDB, because moto does not.

    All writers wait for each other after their first call, so a writer that reads before it writes loses.
    """

    def __init__(self, client) -> None:
        self._client = client
        self._turn = threading.Lock()
        self._first_calls = threading.Barrier(WRITERS, timeout=300)
        self._has_called = threading.local()

    @property
    def exceptions(self):
        return self._client.exceptions

    def __getattr__(self, name):
        def call(**arguments):
            try:
                with self._turn:
                    return getattr(self._client, name)(**arguments)
            finally:
                if not hasattr(self._has_called, "yes"):
                    self._has_called.yes = True
                    self._first_calls.wait()

        return call


class TestOrdersTable:
    @pytest.fixture
    def client(self, dynamodb):
        return CountingClient(dynamodb)

    def test_reads_are_strongly_consistent(self, client):
        OrdersTable(TABLE, client).get("ann", "7")

        [(_, arguments)] = client.calls
        assert arguments["ConsistentRead"] is True

    @pytest.mark.parametrize(
        ("customer", "status", "queries"),
        [
            pytest.param("ann", None, 1, id="a customer's"),
            pytest.param("ann", Status.CREATED, 1, id="a customer's in a status"),
            pytest.param(None, None, len(keys.SHARDS), id="everyone's"),
            pytest.param(None, Status.CREATED, len(keys.SHARDS), id="everyone's in a status"),
        ],
    )
    def test_queries_and_never_scans(self, client, table, customer, status, queries):
        for order in orders_of(12):
            table.insert(order)

        OrdersTable(TABLE, client).page(customer, status, 2, None)

        assert [name for name, _ in client.calls] == ["query"] * queries
        assert all("FilterExpression" not in arguments for _, arguments in client.calls)

    def test_writes_with_a_single_call(self, client):
        orders = OrdersTable(TABLE, client)

        orders.insert(an_order("7"))
        orders.update("ann", "7", {"status": Status.ACCEPTED}, {Status.CREATED})
        orders.delete("ann", "7")

        assert [name for name, _ in client.calls] == ["put_item", "update_item", "delete_item"]

    @pytest.mark.parametrize("limit", [1, 3, 5, 100])
    @pytest.mark.parametrize("customer", ["ann", None], ids=["one customer's", "everyone's"])
    def test_continues_a_query_after_a_partial_response(self, dynamodb, table, customer, limit):
        for order in orders_of(5):
            table.insert(order)

        page = OrdersTable(TABLE, SmallResponses(dynamodb)).page(customer, None, limit, None)

        assert page.items == orders_of(5)[::-1][:limit]
        assert (page.next is None) is (limit >= 5)

    def test_spreads_over_all_shards_and_sorts(self, table):
        orders = orders_of(40)
        for order in orders:
            table.insert(order)

        assert {keys.shard(order.customer, order.id) for order in orders} == set(keys.SHARDS)
        assert table.page(None, None, 100, None).items == orders[::-1]

    def test_a_refusal_names_the_current_and_the_allowed_statuses(self, table):
        table.insert(an_order("7", status=Status.FILLED))

        with pytest.raises(Refusal) as refused:
            table.update("ann", "7", {"status": Status.CANCELLED}, {Status.CREATED, Status.ACCEPTED})

        assert refused.value.detail == "The order is `filled`; this is possible only from `accepted` or `created`."

    def test_a_refusal_does_not_name_the_table(self, table):
        with pytest.raises(Refusal) as refused:
            table.update("ann", "7", {"status": Status.READY}, {Status.ACCEPTED})

        assert refused.value.detail == "There is no order `7`."

    def test_raises_other_errors(self, dynamodb):
        elsewhere = OrdersTable("another-table", dynamodb)

        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            elsewhere.insert(an_order())
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            elsewhere.update("ann", "7", {"_updatedAt": 5}, {Status.CREATED})

    def test_one_of_many_concurrent_moves_succeeds(self, dynamodb, table):
        table.insert(an_order("7"))
        contended = OrdersTable(TABLE, OneAtATime(dynamodb))

        def move(writer):
            try:
                return contended.update(
                    "ann", "7", {"status": Status.ACCEPTED, "staff": f"writer-{writer}"}, {Status.CREATED}
                ).staff
            except Refusal as refusal:
                return refusal.reason

        with ThreadPoolExecutor(WRITERS) as pool:
            outcomes = list(pool.map(move, range(WRITERS)))

        winners = [outcome for outcome in outcomes if outcome.startswith("writer-")]
        assert winners == [table.get("ann", "7").staff]
        assert outcomes.count("conflict") == WRITERS - 1

    def test_one_of_many_concurrent_inserts_succeeds(self, dynamodb, table):
        contended = OrdersTable(TABLE, OneAtATime(dynamodb))

        def insert(writer):
            return contended.insert(an_order("7", items=[Item("Espresso", writer + 1)]))

        with ThreadPoolExecutor(WRITERS) as pool:
            outcomes = list(pool.map(insert, range(WRITERS)))

        assert outcomes.count(None) == 1
        assert [outcome for outcome in outcomes if outcome] == [table.get("ann", "7")] * (WRITERS - 1)


def test_concurrent_orders_do_not_exceed_the_limit(dynamodb):
    table = OrdersTable(TABLE, fakes.OneAtATime(dynamodb))
    start = threading.Barrier(16)

    def insert(number):
        start.wait()
        try:
            return table.insert(an_order(f"{number}"), 5) is None
        except Refusal:
            return False

    with ThreadPoolExecutor(16) as workers:
        assert sum(workers.map(insert, range(16))) == 5
    assert len(table.page("ann", None, 100, None).items) == 5


@pytest.mark.parametrize("conflicts", [transactions.ATTEMPTS - 1, transactions.ATTEMPTS])
def test_creates_that_conflict_are_retried_and_never_stored_in_part(dynamodb, monkeypatch, conflicts):
    monkeypatch.setattr(transactions.time, "sleep", lambda seconds: None)
    table = OrdersTable(TABLE, fakes.Busy(dynamodb, conflicts))

    if conflicts == transactions.ATTEMPTS:
        with pytest.raises(Refusal) as refused:
            table.insert(an_order("7"), 5)
        assert refused.value.reason == "unavailable"
        assert table.get("ann", "7") is None
    assert table.insert(an_order("7"), 5) is None
    assert table.get("ann", "7") == an_order("7")
