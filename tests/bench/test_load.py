"""Concurrent clients: every order is answered. The benchmark's table has the speed."""

import pytest

from tests.bench import load

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def rows():
    """The rows of a short benchmark, by label."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "CLIENTS", (4, 16))
        patch.setattr(load, "ROUNDS", 2)
        return {row.what: row for row in load.measure()}


def test_every_order_is_answered_with_a_201(rows):
    [errors] = [row for what, row in rows.items() if what.startswith("errors")]

    assert errors.measured == errors.goal == "0"


def test_customers_are_notified_in_a_rush(rows):
    assert any(what.startswith(f"created to notified, {load.RUSH_ORDERS} orders") for what in rows)
