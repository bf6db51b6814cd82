import msgspec
import pytest

from lambdas.orders.events import OrderPlaced, event_of, refund_of
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import EVERY_MOVE, NOON, a_change, an_order, an_order_placed


def test_a_new_order_is_an_order_placed_event():
    order = an_order("7", "ann", correlation_id="request-1", created_at=1234)

    assert event_of(None, order) == OrderPlaced("ann", "7", "request-1", 1234)


@pytest.mark.parametrize(("old", "new"), [move for move in EVERY_MOVE if move[0] is not move[1]])
def test_every_status_change_is_an_event(old, new):
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
def test_other_changes_are_no_events(old, new):
    assert event_of(old, new) is None


def test_the_message_to_the_kitchen_names_the_order():
    assert msgspec.json.decode(msgspec.json.encode(OrderPlaced("ann", "7", "request-1", 1234))) == {
        "customer": "ann",
        "id": "7",
        "correlationId": "request-1",
        "_createdAt": 1234,
    }


def test_a_message_without_a_correlation_id_can_be_read():
    assert msgspec.json.decode(b'{"customer": "ann", "id": "7"}', type=OrderPlaced) == OrderPlaced("ann", "7", "", 0)


def test_a_placed_event_is_not_about_a_later_order_with_the_same_id():
    assert an_order_placed().is_about(an_order("7"))
    assert an_order_placed().is_about(an_order("7", status=Status.READY, updated_at=NOON + 5, revision="r2"))
    assert not an_order_placed().is_about(an_order("7", created_at=NOON + 1))


def test_the_message_to_the_topic_describes_the_change():
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
def test_the_text_is_a_sentence_that_names_the_order(status):
    text = a_change("order-7", status=status).text

    assert "order-7" in text
    assert text[-1] in ".!"


@pytest.mark.parametrize("status", Status)
def test_the_subject_fits_snss_limits(status):
    subject = a_change("x" * 64, status=status).subject

    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(an_order_placed("8"), id="another order"),
        pytest.param(an_order_placed(customer="bob"), id="another customer's order with the same ID"),
        pytest.param(an_order_placed(created_at=NOON + 1), id="a later order with the same ID"),
    ],
)
def test_keys_of_different_orders_differ(other):
    assert an_order_placed().key == an_order_placed().key
    assert an_order_placed().key != other.key


def test_the_key_does_not_depend_on_the_request():
    assert an_order_placed(correlation_id="request-2").key == an_order_placed().key


def test_cancelling_an_order_that_the_workflow_accepted_asks_for_a_refund():
    before = an_order("7", "ann", status=Status.ACCEPTED, paid_revision="r1")
    after = an_order("7", "ann", status=Status.CANCELLED, paid_revision="r1", correlation_id="c", created_at=1234)

    assert refund_of(before, after) == OrderPlaced("ann", "7", "c", 1234, cancelled=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, an_order(status=Status.CANCELLED, paid_revision="r1")),
        (an_order(status=Status.ACCEPTED), an_order(status=Status.CANCELLED)),
        (an_order(status=Status.CREATED), an_order(status=Status.CANCELLED)),
        (an_order(status=Status.ACCEPTED), an_order(status=Status.READY, paid_revision="r1")),
    ],
)
def test_other_changes_ask_for_no_refund(old, new):
    assert refund_of(old, new) is None
