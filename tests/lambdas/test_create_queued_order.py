import json

import pytest
from msgspec import UNSET

from lambdas import create_queued_order
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import a_dish, an_order, failures, sqs_event, sqs_record

ESPRESSO = {"items": [{"name": "Espresso", "qty": 1}]}
FIRST, SECOND, THIRD = (f"059f36b4-87a3-44ab-83d2-66197566948{n}" for n in (1, 2, 3))


@pytest.fixture
def create(call):
    def run(*records):
        return call(create_queued_order, sqs_event(*records))

    return run


def test_an_order_is_created_with_the_messages_id(create, store, clock):
    assert create(sqs_record({**ESPRESSO, "restaurantId": 7}, FIRST, "ann")) == failures()

    [order] = store.all()
    assert order.public() == an_order(FIRST, restaurant_id=7, expire_on=order.expire_on).public()
    assert order.created_at == clock.now


def test_a_repeated_message_creates_one_order(create, store, clock):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    answers = [create(message), create(message, message)]
    clock.pass_ms(60_000)
    answers.append(create(message))

    assert answers == [failures()] * 3
    assert store.writes == 1


def test_a_repeated_message_does_not_change_an_order_that_has_moved_on(create, store):
    store.insert(an_order(FIRST, status=Status.READY))

    assert create(sqs_record(ESPRESSO, FIRST, "ann")) == failures()
    assert [order.status for order in store.all()] == [Status.READY]


def test_a_redriven_dead_letter_creates_its_original_order(create, store):
    create(sqs_record(ESPRESSO, FIRST, "ann"))

    answer = create(
        sqs_record(ESPRESSO, SECOND, "ann", orderId=FIRST), sqs_record(ESPRESSO, SECOND, "ann", orderId=THIRD)
    )

    assert answer == failures()
    assert [order.id for order in store.all()] == [FIRST, THIRD]


@pytest.mark.parametrize(
    ("attributes", "correlation_id"),
    [
        pytest.param({"correlationId": "request-1"}, "request-1", id="the request's"),
        pytest.param({"correlationId": "request-1", "orderId": THIRD}, "request-1", id="the request's, redriven"),
        pytest.param({}, FIRST, id="the message's, without an attribute"),
        pytest.param({"correlationId": ""}, FIRST, id="the message's, with an empty attribute"),
        pytest.param({"correlationId": None}, FIRST, id="the message's, with an attribute without a value"),
        pytest.param({"orderId": THIRD}, THIRD, id="the first message's, redriven"),
    ],
)
def test_the_order_and_the_log_contain_the_correlation_id(create, store, logs, attributes, correlation_id):
    create(sqs_record(ESPRESSO, FIRST, "ann", **attributes))

    assert [order.correlation_id for order in store.all()] == [correlation_id]
    assert logs.lines()[0]["correlation_id"] == correlation_id


@pytest.mark.parametrize("order_id", ["", None], ids=["empty", "no value"])
def test_an_empty_order_id_attribute_is_ignored(create, store, order_id):
    create(sqs_record(ESPRESSO, FIRST, "ann", orderId=order_id))

    assert [order.id for order in store.all()] == [FIRST]


def test_only_new_orders_are_counted(create, logs):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    create(message, message, sqs_record("?", SECOND, "ann"))

    assert logs.counts() == {"OrdersCreated": 1, "Refusals": 1, ("Refusals", "invalid"): 1}


def test_the_messages_id_overrides_the_clients(create, store):
    create(sqs_record({**ESPRESSO, "id": "mine"}, FIRST, "ann"))

    assert [order.id for order in store.all()] == [FIRST]


def test_the_short_form_is_accepted(create, store):
    create(sqs_record({"name": "Muffin", "quantity": 2}, FIRST, "ann"))

    assert [order.items for order in store.all()] == [[Item("Muffin", 2, price=0)]]


def test_the_customer_comes_from_the_gateway(create, store):
    named = sqs_record({**ESPRESSO, "customer": "ann"}, FIRST, "ann")
    another_customers = sqs_record({**ESPRESSO, "customer": "bob"}, SECOND, "ann")

    assert create(named, another_customers) == failures()
    assert [order.customer for order in store.all()] == ["ann"]


@pytest.mark.parametrize("name", ["ann@example.com", "\u00e9\u6292 \U0001f950", "staff", "a&b=c%20"])
def test_the_customer_can_have_any_name(create, store, name):
    create(sqs_record(ESPRESSO, FIRST, name))

    assert [order.customer for order in store.all()] == [name]


@pytest.mark.parametrize(
    "hopeless",
    [
        pytest.param(sqs_record("", SECOND, "ann"), id="empty"),
        pytest.param(sqs_record("nonsense", SECOND, "ann"), id="not JSON"),
        pytest.param(sqs_record({"items": []}, SECOND, "ann"), id="no items"),
        pytest.param(sqs_record({**ESPRESSO, "x": 1}, SECOND, "ann"), id="an unknown field"),
        pytest.param(sqs_record("\ud800", SECOND, "ann"), id="a lone surrogate"),
        pytest.param(sqs_record("[" * 100_000, SECOND, "ann"), id="deeply nested"),
        pytest.param(sqs_record("\ufeff" + json.dumps(ESPRESSO), SECOND, "ann"), id="a byte order mark"),
        pytest.param(sqs_record('{"items": [{"name": "Espresso", "qty": NaN}]}', SECOND, "ann"), id="not a number"),
        pytest.param(sqs_record('{"items": [{"name": "Espresso", "qty": 1e400}]}', SECOND, "ann"), id="infinity"),
        pytest.param(sqs_record('{"items": [{"name": "\\ud800", "qty": 1}]}', SECOND, "ann"), id="half a character"),
        pytest.param(sqs_record('{"items": [{"name": "\\u200b", "qty": 1}]}', SECOND, "ann"), id="an invisible name"),
        pytest.param(sqs_record({**ESPRESSO, "customer": "bob"}, SECOND, "ann"), id="another customer's"),
    ],
)
def test_an_order_that_can_never_be_created_is_dropped(create, store, logs, hopeless):
    """A dead letter is for what a person can repair, and anyone could fill the queue with these."""
    valid = sqs_record(ESPRESSO, FIRST, "ann"), sqs_record(ESPRESSO, THIRD, "bob")

    assert create(valid[0], hopeless, valid[1]) == failures()
    assert {order.id for order in store.all()} == {FIRST, THIRD}
    [dropped] = [line for line in logs.lines() if line["message"] == "dropped"]
    assert (dropped["order"], dropped["customer"], bool(dropped["reason"])) == (SECOND, "ann", True)


def test_an_order_above_the_limit_is_cancelled_with_the_reason(create, store, orders, logs):
    orders._open_orders = 1

    assert create(sqs_record(ESPRESSO, FIRST, "ann"), sqs_record(ESPRESSO, SECOND, "ann")) == failures()
    assert [(order.id, order.status) for order in store.all()] == [(FIRST, "created"), (SECOND, "cancelled")]
    assert "open orders" in store.get("ann", SECOND).reason
    assert logs.counts()["Refusals", "throttled"] == 1


def test_an_order_of_what_is_sold_out_is_cancelled_once(create, store, menu):
    menu.append(a_dish("Espresso", sold_out=True))
    message = sqs_record({**ESPRESSO, "pickupName": "Ann"}, FIRST, "ann")

    assert create(message, message) == failures()
    menu.clear()
    assert create(message) == failures()

    [order] = store.all()
    assert (order.status, order.reason, order.pickup_name) == ("cancelled", "`Espresso` is sold out.", "Ann")
    assert (order.number, order.total, store.writes) == (UNSET, UNSET, 1)


def test_refused_orders_are_stored_up_to_a_limit(create, store, menu, orders, logs):
    orders._open_orders, counted = 1, []
    orders._refused = lambda customer, date, limit, now: (
        counted.append((customer, date, limit)) or len(counted) <= limit
    )
    menu.append(a_dish("Espresso", sold_out=True))

    assert create(*(sqs_record(ESPRESSO, id_, "ann") for id_ in (FIRST, SECOND))) == failures()

    assert [order.id for order in store.all()] == [FIRST]
    assert counted == [("ann", "2023-11-14", 1)] * 2
    assert [line["message"] for line in logs.lines()][:2] == ["refused", "dropped"]


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(sqs_record(ESPRESSO, SECOND), id="no customer"),
        pytest.param(sqs_record({**ESPRESSO, "customer": "ann"}, SECOND), id="a customer only in the body"),
        pytest.param(sqs_record(ESPRESSO, SECOND, ""), id="an empty customer"),
    ],
)
def test_only_poison_messages_are_reported(create, store, poison):
    valid = sqs_record(ESPRESSO, FIRST, "ann"), sqs_record(ESPRESSO, THIRD, "bob")

    assert create(valid[0], poison, valid[1]) == failures(SECOND)
    assert {order.id for order in store.all()} == {FIRST, THIRD}


def test_if_every_message_is_poison_all_are_reported(create, store):
    assert create(*(sqs_record(ESPRESSO, id_) for id_ in (FIRST, SECOND, THIRD))) == failures(FIRST, SECOND, THIRD)
    assert store.all() == []


def test_no_message_is_lost_if_the_store_fails(create, store, monkeypatch):
    message = sqs_record(ESPRESSO, FIRST, "ann")

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert", lambda *_: (_ for _ in ()).throw(ConnectionError("the network is down")))
        assert create(message) == failures(FIRST)

    assert create(message) == failures()
    assert [order.id for order in store.all()] == [FIRST]


def test_the_log_does_not_contain_orders(create, logs):
    create(
        sqs_record({"name": "Something private", "quantity": 1}, FIRST, "ann"),
        sqs_record({"name": "Something private", "quantity": 100}, SECOND, "ann"),
        sqs_record({**ESPRESSO, "customer": "bob", "items": [{"name": "Something private", "qty": 1}]}, THIRD, "ann"),
    )

    text = logs.text()
    assert "dropped" in text
    assert "Something private" not in text
