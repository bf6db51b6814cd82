import pytest

from lambdas.orders.lifecycle import MOVES, OPEN, sources
from lambdas.orders.models import Status
from tests.lambdas.builders import ALLOWED_MOVES, EVERY_MOVE


@pytest.mark.parametrize(("source", "target"), EVERY_MOVE)
def test_an_order_moves_only_along_its_lifecycle(source, target):
    allowed = (source, target) in ALLOWED_MOVES

    assert (target in MOVES[source]) is allowed
    assert (source in sources(target)) is allowed


def test_an_order_is_open_until_it_is_filled_or_cancelled():
    assert {Status.CREATED, Status.ACCEPTED, Status.READY} == OPEN


def test_no_move_returns_to_created():
    assert sources(Status.CREATED) == frozenset()
