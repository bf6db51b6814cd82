import pytest

from lambdas import accept_order
from lambdas.orders.models import Status
from tests.lambdas.builders import NOON, an_order, failures, placed_body, sqs_event, sqs_record


@pytest.fixture
def accept(call):
    def run(*records):
        return call(accept_order, sqs_event(*records))

    return run


def message(id, number, customer="ann"):
    return sqs_record({"customer": customer, "id": id}, number)


def metric(line):
    [[metric_definition]] = [described["Metrics"] for described in line["_aws"]["CloudWatchMetrics"]]
    return metric_definition["Name"], metric_definition["Unit"], line[metric_definition["Name"]]


def statuses(store):
    return {order.id: order.status for order in store.all()}


def test_a_new_order_is_accepted(accept, store, clock):
    store.insert(an_order("7"))
    clock.pass_ms(5000)

    assert accept(message("7", "m1")) == failures()
    [order] = store.all()
    assert order.public() == an_order("7", status=Status.ACCEPTED, updated_at=clock.now).public()


def test_a_repeated_message_accepts_once(accept, store):
    store.insert(an_order("7"))

    answers = [accept(message("7", "m1")), accept(message("7", "m1"), message("7", "m2"))]

    assert answers == [failures(), failures()]
    assert store.writes == 2


def test_an_acceptance_is_measured_once(accept, store, clock, logs):
    store.insert(an_order("7"))
    clock.pass_ms(5000)

    accept(message("7", "m1"))
    accept(message("7", "m1"))

    assert [metric(line) for line in logs.metrics()] == [
        ("OrdersAccepted", "Count", [1.0]),
        ("TimeToAccept", "Milliseconds", [5000.0]),
    ]


def test_an_acceptance_is_logged_and_stored_with_the_correlation_id(accept, store, logs):
    store.insert(an_order("7", correlation_id="request-1"))
    placed = sqs_record(placed_body("7"), "m1")

    accept(placed, placed)

    accepted, unchanged, _ = logs.lines()
    assert (accepted["message"], accepted["order"], accepted["correlation_id"]) == ("accepted", "7", "request-1")
    assert (unchanged["message"], unchanged["order"], unchanged["correlation_id"]) == ("skipped", "7", "request-1")
    assert [order.correlation_id for order in store.all()] == ["request-1"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CREATED])
def test_an_order_that_has_moved_on_is_not_changed(accept, store, status):
    store.insert(an_order("7", status=status))

    assert accept(message("7", "m1")) == failures()
    assert statuses(store) == {"7": status}


def test_a_deleted_orders_message_accepts_a_later_order_with_the_same_id(accept, store):
    # Without payments, either message may accept the order.
    store.insert(an_order("7", created_at=NOON + 1000))

    assert accept(sqs_record(placed_body("7"), "m1"), sqs_record(placed_body("7"), "m2")) == failures()
    assert statuses(store) == {"7": Status.ACCEPTED}
    assert store.writes == 2


def test_a_missing_order_is_not_a_failure(accept, store):
    assert accept(message("7", "m1")) == failures()
    assert store.all() == []


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="not JSON"),
        pytest.param("null", id="null"),
        pytest.param("{}", id="an empty object"),
        pytest.param({"customer": "ann"}, id="no id"),
        pytest.param({"customer": "ann", "id": 7}, id="a numeric id"),
        pytest.param({"customer": "", "id": "7"}, id="an empty customer"),
        pytest.param("[" * 100_000, id="deeply nested"),
        pytest.param("\ud800", id="a lone surrogate"),
    ],
)
def test_only_invalid_messages_are_reported(accept, store, poison):
    store.insert(an_order("7"))

    assert accept(sqs_record(poison, "m1"), message("7", "m2")) == failures("m1")
    assert statuses(store) == {"7": Status.ACCEPTED}


def test_if_all_messages_are_invalid_all_are_reported(accept):
    assert accept(sqs_record("?", "m1"), sqs_record("!", "m2")) == failures("m1", "m2")


def test_no_message_is_lost_if_the_store_fails(accept, store, monkeypatch):
    store.insert(an_order("7"))

    with monkeypatch.context() as broken:
        broken.setattr(store, "update", lambda *_: (_ for _ in ()).throw(ConnectionError("the network is down")))
        assert accept(message("7", "m1")) == failures("m1")

    assert accept(message("7", "m1")) == failures()
    assert statuses(store) == {"7": Status.ACCEPTED}


def test_where_staff_accept_orders_it_accepts_none(call, store, monkeypatch):
    monkeypatch.setenv("AUTO_ACCEPT", "false")
    store.insert(an_order("7"))

    assert call(accept_order, sqs_event(sqs_record(placed_body("7")))) == failures()
    assert [order.status for order in store.all()] == [Status.CREATED]
