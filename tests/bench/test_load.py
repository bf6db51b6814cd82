"""Many clients at once, and their orders: all of them are answered. How fast is for the table to say."""

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


def test_customers_are_told_in_a_rush_too(rows):
    assert any(what.startswith(f"created to notified, {load.RUSH_ORDERS} orders") for what in rows)
