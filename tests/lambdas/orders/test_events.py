import msgspec
import pytest

from lambdas.orders.events import OrderPlaced, StatusChanged, event_of
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import EVERY_MOVE, an_order


def test_a_new_order_is_placed():
    assert event_of(None, an_order("7", "ann")) == OrderPlaced("ann", "7")


@pytest.mark.parametrize(("old", "new"), [move for move in EVERY_MOVE if move[0] is not move[1]])
def test_every_change_of_status_is_told(old, new):
    before, after = an_order("7", status=old), an_order("7", status=new, updated_at=1234)

    assert event_of(before, after) == StatusChanged("ann", "7", new, old, 1234)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(an_order(), an_order(items=[Item("Muffin", 2)]), id="other items"),
        pytest.param(an_order(), an_order(staff="sam"), id="other staff"),
        pytest.param(an_order(), an_order(), id="nothing changed"),
    ],
)
def test_nothing_else_is_told(old, new):
    assert event_of(old, new) is None


def test_the_message_to_the_kitchen_names_the_order():
    assert msgspec.json.decode(msgspec.json.encode(OrderPlaced("ann", "7"))) == {"customer": "ann", "id": "7"}


def test_the_message_to_the_topic_says_what_changed():
    changed = StatusChanged("ann", "7", Status.READY, Status.ACCEPTED, 1234)

    assert msgspec.json.decode(msgspec.json.encode(changed)) == {
        "customer": "ann",
        "id": "7",
        "status": "ready",
        "previousStatus": "accepted",
        "_updatedAt": 1234,
    }


@pytest.mark.parametrize("status", Status)
def test_the_subject_fits_what_sns_allows(status):
    subject = StatusChanged("ann", "x" * 64, status, Status.CREATED, 0).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
