"""What is particular to DynamoDB. What it has in common with any other store is in `test_store.py`."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from boto3.dynamodb.types import TypeDeserializer

from lambdas.orders import keys
from lambdas.orders.models import Item, Status
from lambdas.orders.table import OrdersTable, from_item, insert_request, key, query_request, to_item, update_request
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import NOON, TABLE, an_order, orders_of

WRITERS = 20


def plain(item):
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def resolved(request):
    """Each clause of an update's expressions with names and values in their places."""
    names = request["ExpressionAttributeNames"]
    values = plain(request["ExpressionAttributeValues"])

    def resolve(expression):
        return re.sub(r"[#:]\w+", lambda m: str(names.get(m[0], values.get(m[0]))), expression)

    return resolve(request["UpdateExpression"]), resolve(request["ConditionExpression"])


class TestItem:
    def test_holds_the_order_and_the_keys_of_its_indexes(self):
        order = an_order("7", restaurant_id=9, correlation_id="request-1")

        item = plain(to_item(order))

        assert item == {
            "id": "7",
            "customer": "ann",
            "status": "created",
            "items": [{"name": "Espresso", "type": "", "qty": 1}],
            "restaurantId": 9,
            "_createdAt": NOON,
            "_updatedAt": NOON,
            "_filledAt": None,
            "_expireOn": order.expire_on,
            "_revision": "",
            "_correlationId": "request-1",
            **keys.index_keys(order),
        }

    def test_expires_by_a_number_as_ttl_wants_it(self):
        assert to_item(an_order(expire_on=1_702_592_000))["_expireOn"] == {"N": "1702592000"}

    def test_gives_the_order_back(self):
        order = an_order(items=[Item("Muffin", 2, "sweet")], restaurant_id="r1", staff="sam", filled_at=NOON)

        assert from_item(to_item(order)) == order

    def test_may_hold_more_than_this_version_knows(self):
        assert from_item({**to_item(an_order()), "_later": {"S": "x"}}) == an_order()


class TestInsertRequest:
    def test_writes_only_where_nothing_is_and_answers_what_is(self):
        request = insert_request(an_order())

        assert request == {
            "Item": to_item(an_order()),
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


class TestUpdateRequest:
    def test_names_the_order_by_its_key(self):
        assert update_request("ann", "7", {"_updatedAt": 5}, {Status.CREATED})["Key"] == key("ann", "7")

    def test_sets_what_changes_if_the_status_is_right(self):
        request = update_request("ann", "7", {"_updatedAt": 5}, {Status.CREATED, Status.ACCEPTED})

        assert resolved(request) == ("SET _updatedAt = 5", "status IN (accepted, created)")

    def test_moves_the_index_keys_along_with_the_status(self):
        update, _ = resolved(update_request("ann", "7", {"status": Status.READY}, {Status.ACCEPTED}))

        expected = {"status": "ready", **keys.status_keys("ann", "7", Status.READY)}
        assert sorted(update.removeprefix("SET ").split(", ")) == sorted(f"{k} = {v}" for k, v in expected.items())

    def test_leaves_the_index_keys_when_the_status_stays(self):
        request = update_request("ann", "7", {"items": [Item("Muffin", 2)]}, {Status.CREATED})

        assert set(request["ExpressionAttributeNames"].values()) == {"items", "status"}

    def test_can_be_met_by_no_order_when_no_status_allows_it(self):
        _, condition = resolved(update_request("ann", "7", {"status": Status.CREATED}, set()))

        assert condition == "status IN ()"

    def test_carries_no_value_in_its_expressions(self):
        request = update_request("ann", "7", {"staff": "x = y, status"}, {Status.CREATED})

        assert "x = y" not in request["UpdateExpression"] + request["ConditionExpression"]

    def test_is_the_same_for_the_same_change(self):
        first, second = (
            update_request("ann", "7", {"status": Status.CANCELLED}, when)
            for when in ({Status.CREATED, Status.ACCEPTED}, {Status.ACCEPTED, Status.CREATED})
        )

        assert json.dumps(first) == json.dumps(second)


class TestQueryRequest:
    @pytest.mark.parametrize("index", keys.INDEXES, ids=lambda index: index.name)
    def test_reads_one_partition_backwards(self, index):
        request = query_request(index, "ann", 25, None)

        assert request == {
            "IndexName": index.name,
            "KeyConditionExpression": "#partition = :partition",
            "ExpressionAttributeNames": {"#partition": index.partition_key},
            "ExpressionAttributeValues": {":partition": {"S": "ann"}},
            "ScanIndexForward": False,
            "Limit": 25,
        }

    def test_reads_on_behind_a_position(self):
        request = query_request(keys.CUSTOMER_TIME, "ann", 25, "1700000000000#7#0123abcd")

        assert request["KeyConditionExpression"] == "#partition = :partition AND #at < :after"
        assert request["ExpressionAttributeNames"]["#at"] == "_at"
        assert request["ExpressionAttributeValues"][":after"] == {"S": "1700000000000#7#0123abcd"}


class CountingClient:
    """A client that remembers the calls made of it."""

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


class SmallAnswers(CountingClient):
    """DynamoDB stops a query's answer at 1 MB: here it is at one order."""

    def query(self, **arguments):
        self.calls.append(("query", arguments))
        return self._client.query(**{**arguments, "Limit": 1})


class OneAtATime:
    """DynamoDB applies the writes to an item one after another, which moto leaves to chance.

    All writers meet after their first call: one that reads first and writes then has lost before it writes.
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

    def test_reads_consistently_what_has_just_been_written(self, client):
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
    def test_asks_again_when_an_answer_stops_short(self, dynamodb, table, customer, limit):
        for order in orders_of(5):
            table.insert(order)

        page = OrdersTable(TABLE, SmallAnswers(dynamodb)).page(customer, None, limit, None)

        assert page.items == orders_of(5)[::-1][:limit]
        assert (page.next is None) is (limit >= 5)

    def test_spreads_over_all_shards_and_still_sorts(self, table):
        orders = orders_of(40)
        for order in orders:
            table.insert(order)

        assert {keys.shard(order.customer, order.id) for order in orders} == set(keys.SHARDS)
        assert table.page(None, None, 100, None).items == orders[::-1]

    def test_tells_what_stands_in_the_way_of_a_move(self, table):
        table.insert(an_order("7", status=Status.FILLED))

        with pytest.raises(Refusal) as refused:
            table.update("ann", "7", {"status": Status.CANCELLED}, {Status.CREATED, Status.ACCEPTED})

        assert refused.value.detail == "The order is `filled`; this is possible only from `accepted` or `created`."

    def test_names_no_table_in_a_refusal(self, table):
        with pytest.raises(Refusal) as refused:
            table.update("ann", "7", {"status": Status.READY}, {Status.ACCEPTED})

        assert refused.value.detail == "There is no order `7`."

    def test_passes_on_what_is_no_refusal(self, dynamodb):
        elsewhere = OrdersTable("another-table", dynamodb)

        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            elsewhere.insert(an_order())
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            elsewhere.update("ann", "7", {"_updatedAt": 5}, {Status.CREATED})

    def test_lets_one_of_many_concurrent_moves_win(self, dynamodb, table):
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

    def test_lets_one_of_many_concurrent_inserts_win(self, dynamodb, table):
        contended = OrdersTable(TABLE, OneAtATime(dynamodb))

        def insert(writer):
            return contended.insert(an_order("7", items=[Item("Espresso", writer + 1)]))

        with ThreadPoolExecutor(WRITERS) as pool:
            outcomes = list(pool.map(insert, range(WRITERS)))

        assert outcomes.count(None) == 1
        assert [outcome for outcome in outcomes if outcome] == [table.get("ann", "7")] * (WRITERS - 1)
