"""Many clients at once, and their orders: all of them are answered, and none costs much more than it has to."""

import pytest

from tests.bench import load

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def rows():
    """What a short measurement says, by what it is about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "CLIENTS", (4, 16))
        patch.setattr(load, "ROUNDS", 2)
        return {row.what: row for row in load.measure()}


def test_every_order_is_answered_with_a_201(rows):
    [errors] = [row for what, row in rows.items() if what.startswith("errors")]

    assert errors.measured == errors.goal == "0"


def test_orders_come_in_at_most_of_the_rate_that_a_single_put_allows(rows):
    of_put = float(rows["4 clients: orders a second"].measured.split("; ")[1].split()[0])

    # 0.85 to 1, and less where something else keeps this machine busy.
    assert of_put > 0.6


def test_customers_are_told_in_a_rush_too(rows):
    assert any(what.startswith(f"created to notified, {load.RUSH_ORDERS} orders") for what in rows)
