"""How long people wait."""

import pytest

from lambdas.cafe.waiting import Wait, Waiting
from lambdas.orders.models import Status
from tests.lambdas.builders import NOON, an_order, orders_of
from tests.lambdas.fakes import FakeStore


@pytest.fixture
def durations():
    return []


@pytest.fixture
def time():
    return [0.0]


@pytest.fixture
def store():
    return FakeStore(*orders_of(5), an_order("done", status=Status.FILLED, created_at=NOON))


@pytest.fixture
def waiting(store, durations, clock, time):
    clock.pass_ms(60_000)
    return Waiting(store, lambda since: durations, clock, lambda: time[0])


def test_without_orders_in_the_last_hour_there_is_no_estimate(waiting):
    assert waiting.of(an_order("ann-004", created_at=NOON + 4000)) == Wait(3, None)
    assert waiting.of_next() == (5, None)


def test_the_estimate_is_the_median_less_what_has_passed(waiting, durations):
    durations += [100, 200, 9000]

    assert waiting.of(an_order("ann-001", created_at=NOON + 1000)) == Wait(0, 150)
    assert waiting.of_next() == (5, 4)


def test_an_order_that_takes_longer_has_no_time_left(waiting, durations):
    durations += [10]

    assert waiting.of(an_order("ann-001", created_at=NOON + 1000)).seconds == 0


def test_an_estimate_is_used_again_for_a_while(waiting, durations, time):
    durations += [60]
    assert waiting.of_next()[1] == 1
    durations[:] = [600]
    time[0] = 29.0
    assert waiting.of_next()[1] == 1
    time[0] = 30.0
    assert waiting.of_next()[1] == 10


def test_no_estimate_is_never_used_again(waiting, durations):
    assert waiting.of_next()[1] is None
    durations += [60]
    assert waiting.of_next()[1] == 1
