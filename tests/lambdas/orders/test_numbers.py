"""The numbers by which orders are called out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.orders import numbers as module
from lambdas.orders.lifecycle import OPEN_MS
from lambdas.orders.numbers import RELEASE_MS, NumbersTable
from tests.lambdas.builders import CAFE_TABLE, NOON, an_order
from tests.lambdas.fakes import OneAtATime


@pytest.fixture
def numbers(cafe_table, clients):
    return NumbersTable(CAFE_TABLE, OneAtATime(clients["dynamodb"]))


def numbered(numbers, id, **fields):
    order = an_order(id, **fields)
    order.number = numbers.take(order)
    return order


def test_open_orders_have_different_numbers(numbers):
    with ThreadPoolExecutor(8) as guests:
        found = list(guests.map(lambda n: numbered(numbers, str(n)).number, range(200)))

    assert len(set(found)) == 200
    assert all(1 <= number <= 999 for number in found)


def test_no_number_occurs_twice_while_fewer_than_900_orders_are_open(numbers, monkeypatch):
    monkeypatch.setattr(module, "MOST", 20)
    monkeypatch.setattr(module, "RANGES", (20,))

    assert {numbered(numbers, str(n)).number for n in range(20)} == set(range(1, 21))
    # Nobody is refused for want of a number.
    assert 1 <= numbered(numbers, "another").number <= 20


def test_orders_that_ended_a_moment_ago_use_up_no_numbers(numbers, monkeypatch):
    monkeypatch.setattr(module, "MOST", 20)
    monkeypatch.setattr(module, "RANGES", (20,))
    for n in range(40):
        ended = numbered(numbers, f"ended-{n}")
        numbers.follow(ended, NOON)

    assert {numbered(numbers, str(n)).number for n in range(20)} == set(range(1, 21))


@pytest.fixture
def one_number(monkeypatch):
    """The only number is 1, and any other order gets -1."""
    monkeypatch.setattr(module, "MOST", 1)
    monkeypatch.setattr(module, "RANGES", ())


def is_free(numbers, at):
    order = an_order("other", created_at=at)
    claimed = numbers._claim(1, order)
    if claimed:
        numbers.give_back(1, order)
    return claimed


def test_a_number_is_free_two_minutes_after_its_order_has_ended(numbers, one_number):
    order = numbered(numbers, "7")
    numbers.follow(order, NOON + 5000)

    assert not is_free(numbers, NOON + 5000 + RELEASE_MS - 1)
    assert is_free(numbers, NOON + 5000 + RELEASE_MS)


def test_an_order_that_is_taken_back_keeps_its_number(numbers, one_number):
    order = numbered(numbers, "7")
    numbers.follow(order, NOON)
    numbers.follow(order, None)

    assert not is_free(numbers, NOON + OPEN_MS - 1)
    assert is_free(numbers, NOON + OPEN_MS)


def test_an_order_that_was_not_stored_gives_its_number_back(numbers, one_number):
    order = numbered(numbers, "7")
    numbers.give_back(1, an_order("8"))
    assert not is_free(numbers, NOON)
    numbers.give_back(1, order)
    assert is_free(numbers, NOON)


def test_another_order_does_not_free_a_number(numbers, one_number):
    numbered(numbers, "7")
    other = an_order("7", created_at=NOON - 1)
    other.number = 1
    numbers.follow(other, NOON - OPEN_MS)

    assert not is_free(numbers, NOON)


def test_an_order_without_a_number_frees_none(numbers):
    numbers.follow(an_order("7"), NOON)


def test_the_open_orders_are_those_that_have_not_ended(numbers):
    for n in (3, 1, 2):
        numbered(numbers, str(n), created_at=NOON + n)
    ended = numbered(numbers, "ended", customer="a/b", created_at=NOON + 4)
    assert numbers.open_orders(NOON + 10) == [NOON + n for n in (1, 2, 3, 4)]

    numbers.follow(ended, NOON + 5)
    assert numbers.open_orders(NOON + 10) == [NOON + n for n in (1, 2, 3)]
    numbers.follow(ended, None)
    assert numbers.open_orders(NOON + OPEN_MS + 2) == [NOON + n for n in (3, 4)]
