"""What follows from an order's progress."""

import pytest

from lambdas.orders.models import Status
from lambdas.orders.progress import Progress
from tests.lambdas.builders import NOON, an_order


class Recorder:
    def __init__(self):
        self.followed, self.durations = [], []

    def follow(self, order, ended_at):
        self.followed.append((order.id, ended_at))

    def add_duration(self, order, ready_at, seconds):
        self.durations.append((order, ready_at, seconds))


@pytest.fixture
def recorder():
    return Recorder()


def moved(recorder, old, new):
    order = an_order("7", status=new, updated_at=NOON + 90_500)
    Progress(recorder, recorder).moved(an_order("7", status=old), order)


@pytest.mark.parametrize("status", Status)
def test_a_number_is_kept_until_the_order_ends(recorder, status):
    moved(recorder, Status.CREATED, status)

    ended = status in (Status.FILLED, Status.CANCELLED)
    assert recorder.followed == [("7", NOON + 90_500 if ended else None)]


def test_a_deleted_order_has_ended(recorder):
    Progress(recorder, recorder).deleted(an_order("7"), NOON)

    assert recorder.followed == [("7", NOON)]


def test_an_order_took_from_its_creation_until_it_was_ready(recorder):
    moved(recorder, Status.ACCEPTED, Status.READY)

    assert recorder.durations == [("ann/7", NOON + 90_500, 90)]


@pytest.mark.parametrize(("old", "new"), [(Status.FILLED, Status.READY), (Status.READY, Status.FILLED)])
def test_other_moves_take_no_time(recorder, old, new):
    moved(recorder, old, new)

    assert recorder.durations == []
