"""`python -m local load`: what it writes, where it writes it, and what it says when it cannot."""

import contextlib
import io
import json
import os
import threading
from collections import Counter

import boto3
import msgspec
import pytest

from lambdas.orders.keys import position
from lambdas.orders.models import Content, Status
from lambdas.orders.table import OrdersTable, from_item, key
from local import __main__ as cli
from local.load import (
    ATTEMPTS,
    BATCH,
    LONGEST_PAUSE_SECONDS,
    MADE_UP_CUSTOMERS,
    PARALLEL,
    STATUSES,
    Destination,
    People,
    sample_order,
    write_batch,
    write_orders,
)
from ops.errors import UserError
from tests.local.conftest import PATIENCE, depth, eventually, local

pytestmark = pytest.mark.long

NOW = 1_700_000_000_000
DAY = 86_400_000
PEOPLE = People(("ann", "bob"), "sam")


def table_of(cafe):
    return OrdersTable(cafe.outputs["ordersTableName"], cafe.aws.client("dynamodb"))


def all_orders(cafe, customer=None, status=None):
    """Everybody's orders as they are stored, or a customer's, or those in a status; newest first."""
    orders, after = [], None
    while True:
        page = table_of(cafe).page(customer, status, 100, after)
        orders += page.items
        if page.next is None:
            return orders
        after = page.next


def keys_of(orders):
    return {(order.customer, order.id) for order in orders}


def remove(cafe, orders):
    """Take orders, by customer and id, out of the table."""
    requests = [{"DeleteRequest": {"Key": key(customer, id_)}} for customer, id_ in orders]
    for first in range(0, len(requests), BATCH):
        items = {cafe.outputs["ordersTableName"]: requests[first : first + BATCH]}
        assert cafe.aws.client("dynamodb").batch_write_item(RequestItems=items)["UnprocessedItems"] == {}


@contextlib.contextmanager
def left_as_it_was(cafe):
    """What is added to the café's orders is gone afterwards, and the kitchen is free for whoever comes next."""
    before = keys_of(all_orders(cafe))
    try:
        yield
    finally:
        bob = cafe.sign_in("bob")
        # The kitchen's queue is told of orders one after another: when it has had this one, it has had all others.
        last = cafe.api.post("orders", json={"name": "Tea", "quantity": 1}, headers=bob).json()
        path = f"orders/{last['customer']}/{last['id']}"
        eventually(lambda: cafe.api.get(path, headers=bob).json()["status"] == "accepted")
        eventually(lambda: depth(cafe, "ordersQueueUrl") == 0)
        remove(cafe, keys_of(all_orders(cafe)) - before)


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """Nobody's account: what is written by accident is written nowhere."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def account(cafe, monkeypatch):
    """The café's cloud, as boto3 finds an account by itself."""
    # The default session keeps the credentials that it has once found, whoever's they were.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{cafe.port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


class FakeDynamoDB:
    """Keeps what is written. Leaves as many items of each request undone as `undone` says, one number a request."""

    def __init__(self, *undone):
        self._undone = list(undone)
        self._lock = threading.Lock()
        self.sizes = []
        self.orders = []

    def batch_write_item(self, RequestItems):  # noqa: N803  boto3's name
        [(table, requests)] = RequestItems.items()
        assert table == "orders"
        with self._lock:
            undone = self._undone.pop(0) if self._undone else 0
            done = requests[: len(requests) - undone]
            self.sizes.append(len(requests))
            self.orders += [from_item(request["PutRequest"]["Item"]) for request in done]
        return {"UnprocessedItems": {table: requests[len(done) :]} if undone else {}}


def samples(count, people=PEOPLE):
    return [sample_order(n, people, NOW) for n in range(count)]


@pytest.fixture(scope="module")
def restored(cafe):
    with left_as_it_was(cafe):
        yield cafe


@pytest.fixture(scope="module")
def loaded(restored):
    """The orders that a load of 104 added, and what it said."""
    before = keys_of(all_orders(restored))
    told = local("load", "104", "--home", str(restored.home))
    return [order for order in all_orders(restored) if (order.customer, order.id) not in before], told


class TestIntoALocalRun:
    def test_there_are_as_many_more_as_were_asked_for(self, loaded):
        orders, told = loaded

        assert (told.returncode, told.stdout) == (0, "")
        assert len(orders) == 104

    def test_the_progress_is_on_standard_error(self, loaded):
        _, told = loaded

        assert "104/104" in told.stderr

    def test_they_are_anns_and_bobs_in_every_status(self, cafe, loaded):
        orders, _ = loaded
        names = {
            cafe.aws.client("cognito-idp").admin_get_user(
                UserPoolId=cafe.outputs["userPoolId"], Username=f"{name}@example.com"
            )["Username"]
            for name in ("ann", "bob")
        }

        assert {order.customer for order in orders} == names
        # Those that wait may have been accepted already.
        assert {order.status for order in orders} >= set(Status) - {Status.CREATED}

    def test_their_customers_see_them_newest_first(self, cafe, loaded):
        orders, _ = loaded
        for name in ("ann", "bob"):
            headers = cafe.sign_in(name)
            seen = cafe.api.get("orders?limit=100", headers=headers).json()
            own = [order.id for order in orders if order.customer == seen[0]["customer"]]

            # The page may begin with others that were placed since.
            shown = [order["id"] for order in seen if order["id"] in own]
            assert shown
            assert shown == own[: len(shown)]
            times = [order["_createdAt"] for order in seen]
            assert times == sorted(times, reverse=True)

    @pytest.mark.parametrize("status", ["ready", "filled", "cancelled"])
    def test_staff_find_them_by_status(self, cafe, loaded, status):
        orders, _ = loaded
        seen = cafe.api.get(f"orders?limit=100&status={status}", headers=cafe.sign_in("sam")).json()

        assert {order["status"] for order in seen} == {status}
        assert {(o["customer"], o["id"]) for o in seen} >= keys_of(o for o in orders if o.status == status)

    def test_the_kitchen_takes_those_that_wait(self, cafe, loaded):
        orders, _ = loaded
        own = keys_of(orders)

        def none_waits():
            return not [o for o in all_orders(cafe) if (o.customer, o.id) in own and o.status is Status.CREATED]

        eventually(none_waits)
        statuses = Counter(order.status for order in all_orders(cafe) if (order.customer, order.id) in own)
        expected = Counter(order.status for order in samples(104))
        assert statuses[Status.ACCEPTED] == expected[Status.ACCEPTED] + expected[Status.CREATED]
        assert statuses[Status.FILLED] == expected[Status.FILLED]


class TestIntoAStackByItsOutputs:
    @pytest.mark.usefixtures("account", "restored")
    @pytest.mark.parametrize("source", ["standard input", "a file"])
    def test_the_customers_are_made_up(self, cafe, tmp_path, source):
        (tmp_path / "outputs.json").write_text(json.dumps(cafe.outputs))
        before = keys_of(all_orders(cafe))
        if source == "a file":
            told = local("load", "40", "--outputs", str(tmp_path / "outputs.json"))
        else:
            told = local("load", "40", "--outputs", "-", input=json.dumps(cafe.outputs))

        assert (told.returncode, told.stdout) == (0, ""), told.stderr
        assert "40/40" in told.stderr
        added = [order for order in all_orders(cafe) if (order.customer, order.id) not in before]
        assert len(added) == 40
        assert {order.customer for order in added} == set(MADE_UP_CUSTOMERS)

    @pytest.mark.usefixtures("account")
    def test_a_table_that_is_not_there_is_told_in_one_line(self, capsys, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO('{"ordersTableName": "not-there"}'))

        assert cli.main(["load", "30", "--outputs", "-"]) == 1

        *_, last = capsys.readouterr().err.splitlines()
        assert last.startswith("the orders could not be written: An error occurred (ResourceNotFoundException)")


class TestWhatCannotBe:
    @pytest.mark.parametrize("count", ["0", "-1", "1000001", "1.5", "1e3", "ten", "", " 1", "٣", "9" * 5000])
    def test_a_number_that_is_not_allowed_is_told_with_what_is(self, capsys, count):
        assert cli.main(["load", count]) == 1

        assert capsys.readouterr() == ("", f"expected a number of orders from 1 to 1000000, got {count!r}\n")

    def test_a_home_in_which_nothing_runs_is_told_in_one_line(self, capsys, tmp_path):
        assert cli.main(["load", "5", "--home", str(tmp_path)]) == 1

        assert capsys.readouterr() == ("", f"nothing is running in {tmp_path}; start it with `python -m local up`\n")

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("", "--outputs standard input is not JSON: "),
            ("{", "--outputs standard input is not JSON: "),
            ("[]", "--outputs standard input is not a JSON object; "),
            ("{}", "the outputs have no `ordersTableName`; "),
            ('{"ordersTableName": ""}', "the outputs have no `ordersTableName`; "),
            ('{"ordersTableName": 7}', "the outputs have no `ordersTableName`; "),
        ],
    )
    def test_outputs_that_are_none_are_told_in_one_line(self, capsys, monkeypatch, given, problem):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))

        assert cli.main(["load", "5", "--outputs", "-"]) == 1

        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(problem)

    def test_outputs_that_cannot_be_read_are_told_in_one_line(self, capsys, tmp_path):
        path = tmp_path / "none.json"
        assert cli.main(["load", "5", "--outputs", str(path)]) == 1

        assert capsys.readouterr() == ("", f"--outputs {path} cannot be read: No such file or directory\n")

    @pytest.mark.parametrize(
        ("environment", "problem"),
        [
            ({}, "You must specify a region."),
            ({"AWS_DEFAULT_REGION": "eu-central-1"}, "Unable to locate credentials"),
        ],
        ids=["no region", "no credentials"],
    )
    def test_an_account_that_boto3_does_not_find_is_told_in_one_line(self, environment, problem):
        told = local("load", "5", "--outputs", "-", input='{"ordersTableName": "t"}', env={**os.environ, **environment})

        *progress, last = told.stderr.splitlines()
        assert (told.returncode, last) == (1, f"the orders could not be written: {problem}")
        assert "Traceback" not in "".join(progress)

    def test_home_and_outputs_at_once_are_a_wrong_call(self, capsys):
        with pytest.raises(SystemExit) as ended:
            cli.main(["load", "5", "--home", "h", "--outputs", "o"])

        assert ended.value.code == 2
        assert "not allowed with argument" in capsys.readouterr().err


class TestWriteOrders:
    @pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1, 260])
    def test_no_request_is_larger_than_dynamodb_takes_and_every_order_is_written(self, count):
        dynamodb, told = FakeDynamoDB(), []

        write_orders(Destination(dynamodb, "orders", PEOPLE), count, told.append)

        assert max(dynamodb.sizes) <= 25
        assert len(keys_of(dynamodb.orders)) == sum(told) == count

    def test_several_requests_are_under_way_at_once(self):
        together = threading.Barrier(PARALLEL, timeout=PATIENCE)

        class Meeting(FakeDynamoDB):
            def batch_write_item(self, **request):
                together.wait()
                return super().batch_write_item(**request)

        dynamodb = Meeting()
        write_orders(Destination(dynamodb, "orders", PEOPLE), PARALLEL * BATCH)

        assert len(dynamodb.orders) == PARALLEL * BATCH

    def test_a_second_load_adds_to_the_first(self):
        dynamodb = FakeDynamoDB()
        for _ in range(2):
            write_orders(Destination(dynamodb, "orders", PEOPLE), 60)

        assert len(keys_of(dynamodb.orders)) == 120

    def test_when_a_request_fails_the_others_are_given_up(self):
        class Failing(FakeDynamoDB):
            def batch_write_item(self, **request):
                super().batch_write_item(**request)
                raise UserError("the table is gone")

        dynamodb = Failing()
        with pytest.raises(UserError, match="the table is gone"):
            write_orders(Destination(dynamodb, "orders", PEOPLE), 4000 * BATCH)

        assert len(dynamodb.sizes) < 4000


class TestWriteBatch:
    def test_what_was_left_undone_is_sent_again_after_a_growing_pause(self):
        dynamodb, pauses = FakeDynamoDB(20, 7, 1), []

        write_batch(dynamodb, "orders", samples(25), pauses.append)

        assert dynamodb.sizes == [25, 20, 7, 1]
        assert sorted(order.id for order in dynamodb.orders) == sorted({order.id for order in dynamodb.orders})
        assert len(dynamodb.orders) == 25
        assert len(pauses) == 3
        assert pauses == sorted(set(pauses))
        assert pauses[0] > 0

    def test_what_is_written_at_once_waits_for_nothing(self):
        pauses = []

        write_batch(FakeDynamoDB(), "orders", samples(25), pauses.append)

        assert pauses == []

    def test_a_table_that_stays_too_busy_is_given_up(self):
        dynamodb, pauses = FakeDynamoDB(*[3] * 100), []

        with pytest.raises(UserError, match=r"^3 orders could not be written in 10 attempts: "):
            write_batch(dynamodb, "orders", samples(25), pauses.append)

        assert len(dynamodb.sizes) == ATTEMPTS
        assert max(pauses) <= LONGEST_PAUSE_SECONDS


class TestSampleOrder:
    def test_every_status_is_there_from_the_fifth_order_on(self):
        assert {order.status for order in samples(5)} == set(Status)

    @pytest.mark.parametrize("customers", [1, 2, 4, len(STATUSES), 20])
    def test_every_customer_has_orders_in_every_status(self, customers):
        people = People(tuple(f"customer-{n}" for n in range(customers)), "sam")

        seen = {(order.customer, order.status) for order in samples(1000, people)}

        assert len(seen) == customers * len(Status)

    def test_all_were_made_in_the_last_thirty_days(self):
        times = [order.created_at for order in samples(1000)]

        assert min(times) >= NOW - 30 * DAY
        assert max(times) < NOW
        # All over them, too.
        assert {(NOW - time) // DAY for time in times} == set(range(30))

    @pytest.mark.parametrize("n", range(16))
    def test_an_order_is_one_that_the_api_could_have_made(self, n):
        order = sample_order(n, PEOPLE, NOW)

        msgspec.convert({"items": msgspec.to_builtins(order.items)}, Content)
        assert order.customer in PEOPLE.customers
        assert order.created_at <= order.updated_at <= NOW
        assert (order.updated_at == order.created_at) is (order.status is Status.CREATED)
        assert order.filled_at == (order.updated_at if order.status is Status.FILLED else None)
        assert order.staff == ("sam" if order.status in (Status.READY, Status.FILLED) else msgspec.UNSET)
        assert order.expire_on > NOW // 1000
        assert order.revision

    def test_ids_sort_by_time_as_the_servers_do(self):
        orders = samples(100)

        assert sorted(orders, key=position) == sorted(orders, key=lambda order: order.id)

    def test_not_everybody_orders_the_same(self):
        assert len({tuple(order.items) for order in samples(100)}) > 30
