import string
from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas.orders.keys import INDEXES, POSITION, SHARDS, index_keys, position, shard, status_keys
from lambdas.orders.models import Status
from tests.lambdas.builders import NOON, an_order

YEAR_2286_MS = 9_999_999_999_999
TIMES = st.integers(0, YEAR_2286_MS)
IDS = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=64)
CUSTOMERS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)


@given(first=st.tuples(TIMES, IDS, CUSTOMERS), second=st.tuples(TIMES, IDS, CUSTOMERS))
def test_positions_sort_by_time(first, second):
    assume(first[0] < second[0])

    earlier, later = (position(an_order(id_, customer, created_at=at)) for at, id_, customer in (first, second))

    assert earlier < later


@given(at=TIMES, orders=st.lists(st.tuples(CUSTOMERS, IDS), min_size=2, max_size=10, unique=True))
def test_positions_differ_for_orders_of_the_same_time(at, orders):
    positions = {position(an_order(id_, customer, created_at=at)) for customer, id_ in orders}

    assert len(positions) == len(orders)


@given(customers=st.lists(CUSTOMERS, min_size=2, max_size=10, unique=True), id=IDS, at=TIMES)
def test_positions_differ_for_customers_with_the_same_order_id(customers, id, at):
    assert len({position(an_order(id, customer, created_at=at)) for customer in customers}) == len(customers)


@given(at=TIMES, id=IDS, customer=CUSTOMERS)
def test_every_position_matches_the_pattern(at, id, customer):
    assert POSITION.fullmatch(position(an_order(id, customer, created_at=at)))


def test_a_position_does_not_contain_the_customer():
    assert "ann@example.com" not in position(an_order("7", "ann@example.com"))


def test_the_position_does_not_change_with_the_order():
    before, after = an_order(), an_order(status=Status.FILLED, updated_at=NOON + 99, staff="sam")

    assert position(before) == position(after)


@given(customer=CUSTOMERS, id=IDS)
def test_an_order_always_has_the_same_shard(customer, id):
    assert shard(customer, id) == shard(customer, id)
    assert shard(customer, id) in SHARDS


def test_the_orders_of_one_customer_spread_over_all_shards():
    spread = Counter(shard("ann", str(n)) for n in range(1000))

    assert set(spread) == set(SHARDS)
    assert max(spread.values()) < 2 * min(spread.values())


def test_an_order_has_the_partition_key_of_every_index():
    order = an_order()

    attributes = {"customer", "id", *index_keys(order)}

    assert {index.partition_key for index in INDEXES} | {"_at"} <= attributes


def test_status_keys_are_part_of_the_index_keys():
    keys = index_keys(an_order("7", "ann", status=Status.READY))

    assert status_keys("ann", "7", Status.READY).items() <= keys.items()
    assert keys["_customerStatus"] == "ann#ready"
    assert keys["_shardStatus"] == f"{shard('ann', '7')}#ready"


@given(st.tuples(CUSTOMERS, st.sampled_from(Status)), st.tuples(CUSTOMERS, st.sampled_from(Status)))
def test_status_partitions_are_unique_per_customer_and_status(one, other):
    assume(one != other)

    keys = [status_keys(customer, "7", status)["_customerStatus"] for customer, status in (one, other)]

    assert keys[0] != keys[1]
