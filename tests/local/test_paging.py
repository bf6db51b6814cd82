"""Read a thousand orders page by page while orders are added and removed."""

import itertools

import pytest

from lambdas.orders.models import Status
from local.cafe.load import BATCH, Destination, People, now_ms, sample_order, write_batch, write_orders
from local.cafe.seed import PASSWORD
from tests.local.cafe.test_load import all_orders, keys_of, orders_restored, remove
from tests.local.test_sign_in import make_user

pytestmark = pytest.mark.long

COUNT = 1000
CHANGES = 50
"""Orders added, and orders removed, during a read."""


class Reader:
    """A customer with many orders, and the customer's authorization header."""

    def __init__(self, cafe):
        cognito = cafe.aws.client("cognito-idp")
        email = make_user(cafe, cognito, Password=PASSWORD)
        self.name = cognito.admin_get_user(UserPoolId=cafe.outputs["userPoolId"], Username=email)["Username"]
        token = cafe.api.post("authenticate", json={"username": email, "password": PASSWORD}).json()["token"]
        self.headers = {"Authorization": token}
        self.people = People((self.name,), "sam")


@pytest.fixture(scope="module")
def reader(cafe):
    with orders_restored(cafe):
        reader = Reader(cafe)
        write_orders(Destination(cafe.aws.client("dynamodb"), cafe.outputs["ordersTableName"], reader.people), COUNT)
        yield reader


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


def pages(cafe, headers, url):
    """The pages of a list, each requested after the previous one has been consumed."""
    while url:
        answer = cafe.api.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        url = answer.links.get("next", {}).get("url")


class Changes:
    """Adds and removes some of the reader's orders between pages, up to `CHANGES` each."""

    def __init__(self, cafe, reader, candidates, pages):
        self._cafe = cafe
        self._reader = reader
        # Alternately from either end: some are removed before they are read, and some after.
        ends = itertools.chain.from_iterable(zip(candidates, reversed(candidates), strict=True))
        self._candidates = list(dict.fromkeys(ends))
        self._a_time = -(-CHANGES // pages)
        self._pages = 0
        self.added = 0
        self.removed = set()

    def apply(self, page):
        """Remove and add orders. After every other page, also remove its last order: the next page then starts after an
        order that no longer exists."""
        self._pages += 1
        # A page is empty if everything after the previous one was removed in the meantime.
        last = (page[-1]["customer"], page[-1]["id"]) if page else ("", "")
        others = [order for order in self._candidates if order != last and order not in self.removed]
        removes_last = self._pages % 2 and last[0] == self._reader.name and last not in self.removed
        removals = [last, *others] if removes_last else others
        removals = removals[: min(self._a_time, CHANGES - len(self.removed))]
        remove(self._cafe, removals)
        self.removed.update(removals)

        number = min(self._a_time, CHANGES - self.added)
        orders = [sample_order(self.added + n, self._reader.people, now_ms()) for n in range(number)]
        if orders:
            write_batch(self._cafe.aws.client("dynamodb"), self._cafe.outputs["ordersTableName"], orders)
        self.added += number


@pytest.mark.parametrize(
    ("who", "status", "limit"),
    [
        pytest.param("customer", None, 100, id="a customer's own, 100 per page"),
        pytest.param("customer", None, 25, id="a customer's own, 25 per page"),
        pytest.param("customer", Status.FILLED, 25, id="a customer's own in a status"),
        pytest.param("staff", None, 100, id="everyone's, 100 per page"),
        pytest.param("staff", None, 25, id="everyone's, 25 per page"),
        pytest.param("staff", Status.FILLED, 100, id="everyone's in a status"),
    ],
)
def test_no_order_is_missed_or_repeated_while_orders_change(cafe, reader, sam, who, status, limit):
    before = keys_of(all_orders(cafe, None if who == "staff" else reader.name, status))
    own = sorted(order for order in before if order[0] == reader.name)
    query = f"orders?limit={limit}"
    query += f"&status={status}" if status else ""
    changes = Changes(cafe, reader, own, len(own) // limit)

    seen, sizes = [], []
    for page in pages(cafe, reader.headers if who == "customer" else sam, query):
        seen += [(order["customer"], order["id"]) for order in page]
        sizes.append(len(page))
        assert status is None or {order["status"] for order in page} <= {status}
        changes.apply(page)

    assert (changes.added, len(changes.removed)) == (CHANGES, CHANGES)
    assert len(seen) == len(set(seen)), "an order was shown twice"
    assert before - changes.removed - set(seen) == set(), "an order was missed"
    assert set(sizes[:-1]) == {limit}


def test_a_cursor_from_staffs_list_shows_customers_only_their_own_orders(cafe, reader, sam):
    bob = cafe.sign_in("bob")
    bobs = cafe.api.get("orders?limit=100", headers=bob).json()
    mine = list(itertools.chain.from_iterable(pages(cafe, reader.headers, "orders?limit=100")))
    first = cafe.api.get("orders?limit=25", headers=sam)
    at = first.json()[-1]["_createdAt"]

    assert {order["customer"] for order in bobs}.isdisjoint({reader.name})
    for headers, whole in ((reader.headers, mine), (bob, bobs)):
        shown = itertools.chain.from_iterable(pages(cafe, headers, first.links["next"]["url"]))

        # Compare ids: the kitchen may change statuses meanwhile.
        assert [order["id"] for order in shown] == [order["id"] for order in whole if order["_createdAt"] < at]
    assert len([order for order in mine if order["_createdAt"] < at]) > BATCH
