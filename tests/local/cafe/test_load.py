"""`python -m local load`: what it writes, where, and its error messages."""

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
from local import commands as cli
from local.cafe.load import (
    ATTEMPTS,
    BATCH,
    LONGEST_PAUSE_SECONDS,
    PARALLEL,
    SAMPLE_CUSTOMERS,
    STATUSES,
    Destination,
    People,
    sample_order,
    write_batch,
    write_orders,
)
from local.errors import UserError
from local.home import Home
from tests.local.conftest import TIMEOUT_SECONDS, depth, eventually, local

pytestmark = pytest.mark.long

NOW = 1_700_000_000_000
DAY = 86_400_000
PEOPLE = People(("ann", "bob"), "sam")


def table_of(cafe):
    return OrdersTable(cafe.outputs["ordersTableName"], cafe.aws.client("dynamodb"))


def all_orders(cafe, customer=None, status=None):
    """All stored orders, optionally of a customer or in a status, newest first."""
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
    """Remove orders, by customer and id, from the table."""
    requests = [{"DeleteRequest": {"Key": key(customer, id_)}} for customer, id_ in orders]
    for first in range(0, len(requests), BATCH):
        items = {cafe.outputs["ordersTableName"]: requests[first : first + BATCH]}
        assert cafe.aws.client("dynamodb").batch_write_item(RequestItems=items)["UnprocessedItems"] == {}


@contextlib.contextmanager
def orders_restored(cafe):
    """Afterwards remove all orders that were added, and wait until the kitchen is idle."""
    before = keys_of(all_orders(cafe))
    try:
        yield
    finally:
        bob = cafe.sign_in("bob")
        # The kitchen's queue receives orders one after another: once it has handled this one, it has handled all.
        last = cafe.api.post("orders", json={"name": "Lemonade", "quantity": 1}, headers=bob).json()
        path = f"orders/{last['customer']}/{last['id']}"
        eventually(lambda: cafe.api.get(path, headers=bob).json()["status"] == "accepted")
        eventually(lambda: depth(cafe, "ordersQueueUrl") == 0)
        remove(cafe, keys_of(all_orders(cafe)) - before)


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """No AWS account: an accidental write reaches none."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def account(cafe, monkeypatch):
    """The café's emulator as the account that boto3 finds by default."""
    # The default session caches the first credentials that it finds.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{cafe.port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


class FakeDynamoDB:
    """Keeps what is written. `undone` is the number of items to leave unprocessed, by request."""

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
    with orders_restored(cafe):
        yield cafe


@pytest.fixture(scope="module")
def loaded(restored):
    """The orders that a load of 104 added, and the finished command."""
    before = keys_of(all_orders(restored))
    done = local("load", "104", "--home", str(restored.home))
    return [order for order in all_orders(restored) if (order.customer, order.id) not in before], done


class TestIntoALocalRun:
    def test_it_adds_the_requested_number_of_orders(self, loaded):
        orders, done = loaded

        assert (done.returncode, done.stdout) == (0, "")
        assert len(orders) == 104

    def test_the_progress_is_on_standard_error(self, loaded):
        _, done = loaded

        assert "104/104" in done.stderr

    def test_they_belong_to_ann_and_bob_in_every_status(self, cafe, loaded):
        orders, _ = loaded
        names = {
            cafe.aws.client("cognito-idp").admin_get_user(
                UserPoolId=cafe.outputs["userPoolId"], Username=f"{name}@example.com"
            )["Username"]
            for name in ("ann", "bob")
        }

        assert {order.customer for order in orders} == names
        # New orders may have been accepted already.
        assert {order.status for order in orders} >= set(Status) - {Status.CREATED}

    def test_customers_see_them_newest_first(self, cafe, loaded):
        orders, _ = loaded
        for name in ("ann", "bob"):
            headers = cafe.sign_in(name)
            seen = cafe.api.get("orders?limit=100", headers=headers).json()
            own = [order.id for order in orders if order.customer == seen[0]["customer"]]

            # The page may start with newer orders.
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

    def test_the_kitchen_accepts_the_new_ones(self, cafe, loaded):
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
            done = local("load", "40", "--outputs", str(tmp_path / "outputs.json"))
        else:
            done = local("load", "40", "--outputs", "-", input=json.dumps(cafe.outputs))

        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "40/40" in done.stderr
        added = [order for order in all_orders(cafe) if (order.customer, order.id) not in before]
        assert len(added) == 40
        assert {order.customer for order in added} == set(SAMPLE_CUSTOMERS)

    @pytest.mark.usefixtures("account")
    def test_a_missing_table_is_a_one_line_error(self, capsys, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO('{"ordersTableName": "not-there"}'))

        assert cli.main(["load", "30", "--outputs", "-"]) == 1

        *_, last = capsys.readouterr().err.splitlines()
        assert last.startswith("the orders could not be written: An error occurred (ResourceNotFoundException)")


class TestErrors:
    @pytest.mark.parametrize("count", ["0", "-1", "1000001", "1.5", "1e3", "ten", "", " 1", "٣", "9" * 5000])
    def test_an_invalid_count_is_refused_with_the_allowed_range(self, capsys, count):
        assert cli.main(["load", count]) == 1

        assert capsys.readouterr() == ("", f"expected a number of orders from 1 to 1000000, got {count!r}\n")

    def test_a_home_without_a_run_is_a_one_line_error(self, capsys, tmp_path):
        assert cli.main(["load", "5", "--home", str(tmp_path)]) == 1

        assert capsys.readouterr() == (
            "",
            f"nothing is running in {tmp_path}; start it with `{Home(tmp_path).command('up')}`\n",
        )

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
    def test_invalid_outputs_are_a_one_line_error(self, capsys, monkeypatch, given, problem):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))

        assert cli.main(["load", "5", "--outputs", "-"]) == 1

        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(problem)

    def test_unreadable_outputs_are_a_one_line_error(self, capsys, tmp_path):
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
    def test_missing_aws_configuration_is_a_one_line_error(self, environment, problem):
        done = local("load", "5", "--outputs", "-", input='{"ordersTableName": "t"}', env={**os.environ, **environment})

        *progress, last = done.stderr.splitlines()
        assert (done.returncode, last) == (1, f"the orders could not be written: {problem}")
        assert "Traceback" not in "".join(progress)

    def test_home_and_outputs_exclude_each_other(self, capsys):
        with pytest.raises(SystemExit) as ended:
            cli.main(["load", "5", "--home", "h", "--outputs", "o"])

        assert ended.value.code == 2
        assert "not allowed with argument" in capsys.readouterr().err


class TestWriteOrders:
    @pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1, 260])
    def test_requests_stay_within_dynamodbs_limit_and_every_order_is_written(self, count):
        dynamodb, done = FakeDynamoDB(), []

        write_orders(Destination(dynamodb, "orders", PEOPLE), count, done.append)

        assert max(dynamodb.sizes) <= 25
        assert len(keys_of(dynamodb.orders)) == sum(done) == count

    def test_several_requests_run_in_parallel(self):
        together = threading.Barrier(PARALLEL, timeout=TIMEOUT_SECONDS)

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

    def test_a_failed_request_stops_the_others(self):
        class Failing(FakeDynamoDB):
            def batch_write_item(self, **request):
                super().batch_write_item(**request)
                raise UserError("the table is gone")

        dynamodb = Failing()
        with pytest.raises(UserError, match="the table is gone"):
            write_orders(Destination(dynamodb, "orders", PEOPLE), 4000 * BATCH)

        assert len(dynamodb.sizes) < 4000


class TestWriteBatch:
    def test_unprocessed_items_are_retried_with_growing_pauses(self):
        dynamodb, pauses = FakeDynamoDB(20, 7, 1), []

        write_batch(dynamodb, "orders", samples(25), pauses.append)

        assert dynamodb.sizes == [25, 20, 7, 1]
        assert sorted(order.id for order in dynamodb.orders) == sorted({order.id for order in dynamodb.orders})
        assert len(dynamodb.orders) == 25
        assert len(pauses) == 3
        assert pauses == sorted(set(pauses))
        assert pauses[0] > 0

    def test_a_complete_write_does_not_pause(self):
        pauses = []

        write_batch(FakeDynamoDB(), "orders", samples(25), pauses.append)

        assert pauses == []

    def test_it_gives_up_on_a_table_that_stays_busy(self):
        dynamodb, pauses = FakeDynamoDB(*[3] * 100), []

        with pytest.raises(UserError, match=r"^3 orders could not be written in 10 attempts: "):
            write_batch(dynamodb, "orders", samples(25), pauses.append)

        assert len(dynamodb.sizes) == ATTEMPTS
        assert max(pauses) <= LONGEST_PAUSE_SECONDS


class TestSampleOrder:
    def test_five_orders_cover_every_status(self):
        assert {order.status for order in samples(5)} == set(Status)

    @pytest.mark.parametrize("customers", [1, 2, 4, len(STATUSES), 20])
    def test_every_customer_has_orders_in_every_status(self, customers):
        people = People(tuple(f"customer-{n}" for n in range(customers)), "sam")

        seen = {(order.customer, order.status) for order in samples(1000, people)}

        assert len(seen) == customers * len(Status)

    def test_creation_times_cover_the_last_thirty_days(self):
        times = [order.created_at for order in samples(1000)]

        assert min(times) >= NOW - 30 * DAY
        assert max(times) < NOW
        # Spread over all days.
        assert {(NOW - time) // DAY for time in times} == set(range(30))

    @pytest.mark.parametrize("n", range(16))
    def test_a_sample_order_is_valid_for_the_api(self, n):
        order = sample_order(n, PEOPLE, NOW)

        sent = [{"name": item.name, "type": item.type, "qty": item.qty} for item in order.items]
        msgspec.convert({"items": sent}, Content)
        assert order.total == sum(item.price * item.qty for item in order.items)
        assert order.customer in PEOPLE.customers
        assert order.created_at <= order.updated_at <= NOW
        assert (order.updated_at == order.created_at) is (order.status is Status.CREATED)
        assert order.filled_at == (order.updated_at if order.status is Status.FILLED else None)
        assert order.staff == ("sam" if order.status in (Status.READY, Status.FILLED) else msgspec.UNSET)
        assert order.expire_on > NOW // 1000
        assert order.revision

    def test_ids_sort_by_time_like_the_servers(self):
        orders = samples(100)

        assert sorted(orders, key=position) == sorted(orders, key=lambda order: order.id)

    def test_orders_vary(self):
        assert len({tuple(order.items) for order in samples(100)}) > 30
