"""Reading a thousand orders page by page while others come and go."""

import itertools

import pytest

from lambdas.orders.models import Status
from local.load import BATCH, Destination, People, now_ms, sample_order, write_batch, write_orders
from local.seed import PASSWORD
from tests.local.test_load import all_orders, keys_of, left_as_it_was, remove
from tests.local.test_sign_in import make_user

pytestmark = pytest.mark.long

COUNT = 1000
CHANGES = 50
"""Orders that are added, and orders that are removed, while somebody reads."""


class Reader:
    """A customer with many orders, and the header that goes with this customer's requests."""

    def __init__(self, cafe):
        cognito = cafe.aws.client("cognito-idp")
        email = make_user(cafe, cognito, Password=PASSWORD)
        self.name = cognito.admin_get_user(UserPoolId=cafe.outputs["userPoolId"], Username=email)["Username"]
        token = cafe.api.post("authenticate", json={"username": email, "password": PASSWORD}).json()["token"]
        self.headers = {"Authorization": token}
        self.people = People((self.name,), "sam")


@pytest.fixture(scope="module")
def reader(cafe):
    with left_as_it_was(cafe):
        reader = Reader(cafe)
        write_orders(Destination(cafe.aws.client("dynamodb"), cafe.outputs["ordersTableName"], reader.people), COUNT)
        yield reader


@pytest.fixture(scope="module")
def sam(cafe):
    return cafe.sign_in("sam")


def pages(cafe, headers, url):
    """The pages of a list, each asked for when the one before has been looked at."""
    while url:
        answer = cafe.api.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        url = answer.links.get("next", {}).get("url")


class ComingAndGoing:
    """Adds and removes some of the reader's orders between two pages, until it has done so fifty times each."""

    def __init__(self, cafe, reader, candidates, pages):
        self._cafe = cafe
        self._reader = reader
        # Alternately from either end: some are gone before they are reached, and some after.
        ends = itertools.chain.from_iterable(zip(candidates, reversed(candidates), strict=True))
        self._candidates = list(dict.fromkeys(ends))
        self._a_time = -(-CHANGES // pages)
        self._pages = 0
        self.added = 0
        self.removed = set()

    def go_on(self, page):
        """After every other page its last order goes: the next page starts behind one that is no more, or that is."""
        self._pages += 1
        # A page is empty when everything behind the one before has gone in the meantime.
        last = (page[-1]["customer"], page[-1]["id"]) if page else ("", "")
        others = [order for order in self._candidates if order != last and order not in self.removed]
        goes = self._pages % 2 and last[0] == self._reader.name and last not in self.removed
        doomed = [last, *others] if goes else others
        doomed = doomed[: min(self._a_time, CHANGES - len(self.removed))]
        remove(self._cafe, doomed)
        self.removed.update(doomed)

        number = min(self._a_time, CHANGES - self.added)
        orders = [sample_order(self.added + n, self._reader.people, now_ms()) for n in range(number)]
        if orders:
            write_batch(self._cafe.aws.client("dynamodb"), self._cafe.outputs["ordersTableName"], orders)
        self.added += number


@pytest.mark.parametrize(
    ("who", "status", "limit"),
    [
        pytest.param("customer", None, 100, id="a customer's own, 100 a page"),
        pytest.param("customer", None, 25, id="a customer's own, 25 a page"),
        pytest.param("customer", Status.FILLED, 25, id="a customer's own in a status"),
        pytest.param("staff", None, 100, id="everyone's, 100 a page"),
        pytest.param("staff", None, 25, id="everyone's, 25 a page"),
        pytest.param("staff", Status.FILLED, 100, id="everyone's in a status"),
    ],
)
def test_nothing_is_missed_or_shown_twice_while_others_come_and_go(cafe, reader, sam, who, status, limit):
    before = keys_of(all_orders(cafe, None if who == "staff" else reader.name, status))
    own = sorted(order for order in before if order[0] == reader.name)
    query = f"orders?limit={limit}"
    query += f"&status={status}" if status else ""
    changes = ComingAndGoing(cafe, reader, own, len(own) // limit)

    seen, sizes = [], []
    for page in pages(cafe, reader.headers if who == "customer" else sam, query):
        seen += [(order["customer"], order["id"]) for order in page]
        sizes.append(len(page))
        assert status is None or {order["status"] for order in page} <= {status}
        changes.go_on(page)

    assert (changes.added, len(changes.removed)) == (CHANGES, CHANGES)
    assert len(seen) == len(set(seen)), "an order was shown twice"
    assert before - changes.removed - set(seen) == set(), "an order was missed"
    assert set(sizes[:-1]) == {limit}


def test_a_position_in_staffs_list_shows_a_customer_only_their_own(cafe, reader, sam):
    bob = cafe.sign_in("bob")
    bobs = cafe.api.get("orders?limit=100", headers=bob).json()
    mine = list(itertools.chain.from_iterable(pages(cafe, reader.headers, "orders?limit=100")))
    first = cafe.api.get("orders?limit=25", headers=sam)
    at = first.json()[-1]["_createdAt"]

    assert {order["customer"] for order in bobs}.isdisjoint({reader.name})
    for headers, whole in ((reader.headers, mine), (bob, bobs)):
        shown = itertools.chain.from_iterable(pages(cafe, headers, first.links["next"]["url"]))

        # By their ids: the kitchen may be at work on some of them.
        assert [order["id"] for order in shown] == [order["id"] for order in whole if order["_createdAt"] < at]
    assert len([order for order in mine if order["_createdAt"] < at]) > BATCH
