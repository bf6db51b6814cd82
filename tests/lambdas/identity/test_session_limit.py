"""How many sessions an address may begin."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.identity.session_limit import BURST, SessionLimit
from lambdas.runtime.errors import Refusal
from tests.lambdas.builders import CAFE_TABLE
from tests.lambdas.fakes import OneAtATime

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Seconds:
    def __init__(self):
        self.now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def limit(cafe_table, clients, seconds):
    return SessionLimit(CAFE_TABLE, OneAtATime(clients["dynamodb"]), seconds)


def count(limit, address=HERE):
    """The seconds to wait, or `None` if the session may begin."""
    try:
        limit.count(address)
    except Refusal as refusal:
        return refusal.retry_after if refusal.reason == "throttled" else -1
    return None


def test_an_address_may_begin_thirty_at_once_then_one_every_ten_seconds(limit, seconds):
    assert [count(limit) for _ in range(BURST)] == [None] * 30
    assert count(limit) == 10
    seconds.now += 9.5
    assert count(limit) == 1
    seconds.now += 0.5
    assert [count(limit), count(limit)] == [None, 10]
    seconds.now += 30
    assert [count(limit) for _ in range(4)] == [None, None, None, 10]


def test_after_a_while_it_may_begin_thirty_again_and_no_more(limit, seconds):
    for _ in range(BURST):
        limit.count(HERE)
    seconds.now += 86_400

    assert [count(limit) for _ in range(BURST + 1)] == [*[None] * 30, 10]


def test_addresses_do_not_count_for_each_other(limit):
    for _ in range(BURST):
        limit.count(HERE)

    assert count(limit, THERE) is None


def test_a_network_of_ipv6_addresses_counts_as_one(limit):
    for n in range(BURST):
        limit.count(f"2001:db8:0:1::{n:x}")

    assert count(limit, "2001:db8:0:1:ffff::1") == 10
    assert count(limit, "2001:db8:0:2::1") is None


def test_sessions_that_begin_at_the_same_time_all_count(limit):
    with ThreadPoolExecutor(8) as guests:
        waits = list(guests.map(lambda n: count(limit), range(BURST + 10)))

    assert waits.count(None) == BURST


def test_the_item_expires(limit, clients, seconds):
    limit.count(HERE)

    [item] = clients["dynamodb"].scan(TableName=CAFE_TABLE)["Items"]
    assert 0 < int(item["_expireOn"]["N"]) - seconds.now < 2 * 3600
