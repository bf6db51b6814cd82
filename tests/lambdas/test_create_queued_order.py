import pytest

from lambdas import create_queued_order
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import an_order, failures, sqs_event, sqs_record

ESPRESSO = {"items": [{"name": "Espresso", "qty": 1}]}
FIRST, SECOND, THIRD = (f"059f36b4-87a3-44ab-83d2-66197566948{n}" for n in (1, 2, 3))


@pytest.fixture
def create(call):
    def run(*records):
        return call(create_queued_order, sqs_event(*records))

    return run


def test_an_order_is_created_under_the_messages_id(create, store, clock):
    assert create(sqs_record({**ESPRESSO, "restaurantId": 7}, FIRST, "ann")) == failures()

    [order] = store.all()
    assert order.public() == an_order(FIRST, restaurant_id=7, expire_on=order.expire_on).public()
    assert order.created_at == clock.now


def test_a_message_that_comes_twice_makes_one_order(create, store, clock):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    answers = [create(message), create(message, message)]
    clock.pass_ms(60_000)
    answers.append(create(message))

    assert answers == [failures()] * 3
    assert store.writes == 1


def test_a_message_that_comes_again_leaves_an_order_that_has_moved_on(create, store):
    store.insert(an_order(FIRST, status=Status.READY))

    assert create(sqs_record(ESPRESSO, FIRST, "ann")) == failures()
    assert [order.status for order in store.all()] == [Status.READY]


def test_a_dead_letter_that_was_sent_back_makes_the_order_that_it_was_to_make(create, store):
    create(sqs_record(ESPRESSO, FIRST, "ann"))

    answer = create(
        sqs_record(ESPRESSO, SECOND, "ann", orderId=FIRST), sqs_record(ESPRESSO, SECOND, "ann", orderId=THIRD)
    )

    assert answer == failures()
    assert [order.id for order in store.all()] == [FIRST, THIRD]


@pytest.mark.parametrize(
    ("beside", "correlation_id"),
    [
        pytest.param({"correlationId": "request-1"}, "request-1", id="the request's"),
        pytest.param({"correlationId": "request-1", "orderId": THIRD}, "request-1", id="the request's, sent back"),
        pytest.param({}, FIRST, id="the message's where the gateway gave none"),
        pytest.param({"correlationId": ""}, FIRST, id="the message's where it is empty"),
        pytest.param({"correlationId": None}, FIRST, id="the message's where it has no value"),
        pytest.param({"orderId": THIRD}, THIRD, id="the first message's, sent back"),
    ],
)
def test_the_order_and_the_log_know_the_request_by_an_id(create, store, logs, beside, correlation_id):
    create(sqs_record(ESPRESSO, FIRST, "ann", **beside))

    assert [order.correlation_id for order in store.all()] == [correlation_id]
    assert logs.lines()[0]["correlation_id"] == correlation_id


@pytest.mark.parametrize("order_id", ["", None], ids=["empty", "no value"])
def test_an_attribute_without_an_id_gives_way_to_the_messages_id(create, store, order_id):
    create(sqs_record(ESPRESSO, FIRST, "ann", orderId=order_id))

    assert [order.id for order in store.all()] == [FIRST]


def test_only_new_orders_are_counted(create, logs):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    create(message, message, sqs_record("?", SECOND, "ann"))

    assert logs.counts() == {"OrdersCreated": 1, "Failures": 1, ("Failures", "invalid"): 1}


def test_an_id_of_the_clients_gives_way_to_the_messages(create, store):
    create(sqs_record({**ESPRESSO, "id": "mine"}, FIRST, "ann"))

    assert [order.id for order in store.all()] == [FIRST]


def test_the_short_form_is_taken(create, store):
    create(sqs_record({"name": "Muffin", "quantity": 2}, FIRST, "ann"))

    assert [order.items for order in store.all()] == [[Item("Muffin", 2)]]


def test_the_customer_is_who_the_gateway_says(create, store):
    named = sqs_record({**ESPRESSO, "customer": "ann"}, FIRST, "ann")
    somebody_elses = sqs_record({**ESPRESSO, "customer": "bob"}, SECOND, "ann")

    assert create(named, somebody_elses) == failures(SECOND)
    assert [order.customer for order in store.all()] == ["ann"]


@pytest.mark.parametrize("name", ["ann@example.com", "\u00e9\u6292 \U0001f950", "staff", "a&b=c%20"])
def test_the_customer_may_have_any_name(create, store, name):
    create(sqs_record(ESPRESSO, FIRST, name))

    assert [order.customer for order in store.all()] == [name]


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(sqs_record("", SECOND, "ann"), id="empty"),
        pytest.param(sqs_record("nonsense", SECOND, "ann"), id="no JSON"),
        pytest.param(sqs_record({"items": []}, SECOND, "ann"), id="no items"),
        pytest.param(sqs_record({**ESPRESSO, "x": 1}, SECOND, "ann"), id="an unknown field"),
        pytest.param(sqs_record("\ud800", SECOND, "ann"), id="a lone surrogate"),
        pytest.param(sqs_record("[" * 100_000, SECOND, "ann"), id="deep"),
        pytest.param(sqs_record(ESPRESSO, SECOND), id="no customer"),
        pytest.param(sqs_record({**ESPRESSO, "customer": "ann"}, SECOND), id="a customer in the body only"),
        pytest.param(sqs_record(ESPRESSO, SECOND, ""), id="an empty customer"),
    ],
)
def test_a_poison_message_is_reported_and_its_neighbours_are_created(create, store, poison):
    neighbours = sqs_record(ESPRESSO, FIRST, "ann"), sqs_record(ESPRESSO, THIRD, "bob")

    assert create(neighbours[0], poison, neighbours[1]) == failures(SECOND)
    assert {order.id for order in store.all()} == {FIRST, THIRD}


def test_when_every_message_is_poison_all_are_reported(create, store):
    assert create(*(sqs_record("?", id_, "ann") for id_ in (FIRST, SECOND, THIRD))) == failures(FIRST, SECOND, THIRD)
    assert store.all() == []


def test_a_store_that_cannot_be_reached_loses_no_message(create, store, monkeypatch):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert", lambda _: (_ for _ in ()).throw(ConnectionError("the network is down")))
        assert create(message) == failures(FIRST)

    assert create(message) == failures()
    assert [order.id for order in store.all()] == [FIRST]


def test_the_log_holds_no_order(create, logs):
    create(
        sqs_record({"name": "Something private", "quantity": 1}, FIRST, "ann"),
        sqs_record({"name": "Something private", "quantity": 100}, SECOND, "ann"),
        sqs_record({**ESPRESSO, "customer": "bob", "items": [{"name": "Something private", "qty": 1}]}, THIRD, "ann"),
    )

    text = logs.text()
    assert "record failed" in text
    assert "Something private" not in text
