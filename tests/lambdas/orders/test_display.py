"""What displays show."""

import pytest

from lambdas.orders.display import Shown, display_event, shown
from lambdas.orders.lifecycle import OPEN_MS
from lambdas.orders.models import Status
from tests.lambdas.builders import NOON, an_order


@pytest.mark.parametrize("status", Status)
def test_orders_are_shown_while_they_are_made_or_ready(store, status):
    store.insert(an_order("1", status=status, number=7))

    is_shown = status in (Status.ACCEPTED, Status.READY)
    assert shown(store, NOON) == ([Shown(7, status)] if is_shown else [])


def test_old_orders_and_orders_without_a_number_are_not_shown(store):
    store.insert(an_order("1", status=Status.READY, number=7, created_at=NOON - OPEN_MS))
    store.insert(an_order("2", status=Status.READY))
    store.insert(an_order("3", status=Status.READY, number=9, created_at=NOON - OPEN_MS + 1))

    assert shown(store, NOON) == [Shown(9, Status.READY)]


def test_however_many_orders_are_open_a_display_shows_some(store):
    for n in range(300):
        store.insert(an_order(str(n), status=Status.ACCEPTED, number=n + 1, created_at=NOON + n))

    assert [it.number for it in shown(store, NOON + 300)] == list(range(201, 301))


def test_a_change_of_status_is_an_event():
    old, new = an_order(status=Status.ACCEPTED, number=7), an_order(status=Status.READY, number=7)

    assert display_event(None, old, NOON) == {"number": 7, "status": "accepted"}
    assert display_event(old, new, NOON) == {"number": 7, "status": "ready"}
    assert display_event(new, None, NOON) == {"number": 7, "status": "cancelled"}


def test_other_changes_are_not():
    order = an_order(number=7)

    assert display_event(order, an_order(number=7, staff="sam"), NOON) is None
    assert display_event(None, an_order(), NOON) is None
    # Another order may have its number by now.
    assert display_event(an_order(status=Status.READY, number=7), None, NOON + OPEN_MS) is None
    assert display_event(None, None, NOON) is None
