"""The café's table."""

from lambdas.cafe.models import Option
from lambdas.cafe.offer import Offer
from tests.lambdas.builders import NOON, a_dish


def test_the_offer_is_the_menu_and_the_switch(cafe_table):
    assert cafe_table.offer() == Offer([], None)

    cafe_table.put(a_dish(), None)
    for switch in (True, False, None):
        cafe_table.set_switch(switch)
        assert cafe_table.offer() == Offer([a_dish()], switch)


def test_a_large_menu_takes_several_responses(cafe_table):
    dishes = [
        a_dish(
            f"{n:03d}" + "\U0001f950" * 90,
            position=n,
            options=[Option(f"{m:02d}" + "\U0001f950" * 90, f"group {m} " + "x" * 30, 1) for m in range(20)],
        )
        for n in range(200)
    ]
    for dish in dishes:
        cafe_table.put(dish, None)

    assert cafe_table.menu() == dishes


def test_durations_are_those_since_a_time(cafe_table):
    for n in range(3):
        cafe_table.add_duration(f"ann/{n}", NOON + n, 100 + n)
    cafe_table.add_duration("ann/2", NOON + 2, 102)

    assert cafe_table.durations(NOON + 1) == [101, 102]


def test_refused_orders_are_counted_by_customer_and_day(cafe_table):
    def count(customer="ann", date="2026-01-01"):
        return cafe_table.count_refused(customer, date, 2, NOON)

    assert [count() for _ in range(3)] == [True, True, False]
    assert count("bob")
    assert count(date="2026-01-02")
