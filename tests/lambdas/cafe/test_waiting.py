"""How long people wait."""

import pytest

from lambdas.cafe.waiting import Wait, Waiting
from tests.lambdas.builders import NOON, an_order


@pytest.fixture
def durations():
    return []


@pytest.fixture
def created():
    """When the open orders were created."""
    return [NOON + n * 1000 for n in range(1, 6)]


@pytest.fixture
def waiting(created, durations, clock):
    clock.pass_ms(60_000)
    return Waiting(lambda now: [*created], lambda since: durations, clock)


def order(n):
    return an_order(str(n), created_at=NOON + n * 1000)


def test_without_orders_in_the_last_hour_there_is_no_estimate(waiting):
    assert waiting.of(order(4)) == Wait(3, None)
    assert waiting.of_next() == (5, None)


def test_the_estimate_is_the_median_less_what_has_passed(waiting, durations):
    durations += [100, 200, 9000]

    assert waiting.of(order(1)) == Wait(0, 150)
    assert waiting.of_next() == (5, 4)


def test_an_order_that_takes_longer_has_no_time_left(waiting, durations):
    durations += [10]

    assert waiting.of(order(1)).seconds == 0


def test_nobody_is_ahead_of_an_order_that_is_older_than_all_open_ones(waiting):
    assert waiting.of(order(-100_000)).ahead == 0


def test_an_estimate_is_used_again_for_a_while(waiting, durations, clock):
    durations += [60]
    assert waiting.of_next()[1] == 1
    durations[:] = [600]
    clock.pass_ms(29_999)
    assert waiting.of_next()[1] == 1
    clock.pass_ms(1)
    assert waiting.of_next()[1] == 10


def test_no_estimate_is_never_used_again(waiting, durations):
    assert waiting.of_next()[1] is None
    durations += [60]
    assert waiting.of_next()[1] == 1


def test_a_count_is_used_again_for_older_orders_only(waiting, created, clock):
    assert waiting.of(order(5)).ahead == 4
    created.clear()
    clock.pass_ms(1999)
    assert waiting.of(order(5)).ahead == 4
    assert waiting.of(an_order("new", created_at=clock.now)).ahead == 0
    created += [NOON]
    clock.pass_ms(2000)
    assert waiting.of(order(5)).ahead == 1
