import msgspec
import pytest

from lambdas.orders.events import OrderPlaced, event_of
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import EVERY_MOVE, NOON, a_change, a_placed, an_order


def test_a_new_order_is_placed():
    order = an_order("7", "ann", correlation_id="request-1", created_at=1234)

    assert event_of(None, order) == OrderPlaced("ann", "7", "request-1", 1234)


@pytest.mark.parametrize(("old", "new"), [move for move in EVERY_MOVE if move[0] is not move[1]])
def test_every_change_of_status_is_told(old, new):
    before = an_order("7", status=old, correlation_id="the request before")
    after = an_order("7", status=new, updated_at=1234, correlation_id="request-2")

    assert event_of(before, after) == a_change("7", "ann", new, old, 1234, "request-2")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(an_order(), an_order(items=[Item("Muffin", 2)]), id="other items"),
        pytest.param(an_order(), an_order(staff="sam"), id="other staff"),
        pytest.param(an_order(), an_order(correlation_id="request-2"), id="another request"),
        pytest.param(an_order(), an_order(), id="nothing changed"),
    ],
)
def test_nothing_else_is_told(old, new):
    assert event_of(old, new) is None


def test_the_message_to_the_kitchen_names_the_order():
    assert msgspec.json.decode(msgspec.json.encode(OrderPlaced("ann", "7", "request-1", 1234))) == {
        "customer": "ann",
        "id": "7",
        "correlationId": "request-1",
        "_createdAt": 1234,
    }


def test_a_message_of_before_there_were_correlation_ids_can_still_be_read():
    assert msgspec.json.decode(b'{"customer": "ann", "id": "7"}', type=OrderPlaced) == OrderPlaced("ann", "7", "", 0)


def test_a_placed_order_is_told_from_a_later_one_of_the_same_id():
    assert a_placed().is_about(an_order("7"))
    assert a_placed().is_about(an_order("7", status=Status.READY, updated_at=NOON + 5, revision="r2"))
    assert not a_placed().is_about(an_order("7", created_at=NOON + 1))


def test_the_message_to_the_topic_says_what_changed_to_programs_and_to_people():
    assert msgspec.json.decode(msgspec.json.encode(a_change())) == {
        "customer": "ann",
        "id": "7",
        "status": "ready",
        "previousStatus": "accepted",
        "_updatedAt": NOON,
        "text": "Your order 7 is ready for pickup.",
        "correlationId": "request-1",
    }


@pytest.mark.parametrize("status", Status)
def test_people_are_told_each_status_in_a_sentence_that_names_the_order(status):
    text = a_change("order-7", status=status).text

    assert "order-7" in text
    assert text[-1] in ".!"


@pytest.mark.parametrize("status", Status)
def test_the_subject_fits_what_sns_allows(status):
    subject = a_change("x" * 64, status=status).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_placed("8"), id="another order"),
        pytest.param(a_placed(customer="bob"), id="another customer's order of the same id"),
        pytest.param(a_placed(created_at=NOON + 1), id="a later order of the same id"),
    ],
)
def test_an_order_has_a_key_that_no_other_has(other):
    assert a_placed().key == a_placed().key
    assert a_placed().key != other.key


def test_an_order_has_the_same_key_whichever_request_told_of_it():
    assert a_placed(correlation_id="request-2").key == a_placed().key
