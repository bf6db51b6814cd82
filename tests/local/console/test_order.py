"""The waterfall of one order."""

import pytest

from local.console import order as module
from local.console.order import known_orders, waterfall
from local.recorder.raw import Kind
from local.recorder.recordings import Recordings
from tests.local.recorder.records import QUEUE, TABLE, call, change, invocation, messages, record

ONE, TWO = "01a22d7122cf-15919a19984bb594136c", "01a22d7122d0-25919a19984bb594136c"


def recordings_of(*records):
    recordings = Recordings()
    for each in records:
        recordings.add(each)
    return recordings


def placed(order=ONE, at=1000):
    """The records of an order that was placed: they end in another order than they begin."""
    body = f'{{"id": "{order}"}}'
    return (
        record(2, Kind.INVOCATION, "lambdas.authorize.handler", "{}", at=at + 1, ms=10, parent=1),
        change(5, order, parent=4, at=at + 21),
        call(4, request=body, carried="T1", at=at + 20, ms=2),
        invocation(3, "create_order", passed="T1", at=at + 12, ms=12, parent=1, answer=body),
        record(1, Kind.REQUEST, "/dev/orders", "{}", answer=body, method="POST", status=201, at=at, ms=30,
               host="0a1b2c3d.execute-api.localhost:1"),
        record(7, Kind.MESSAGE, QUEUE, body, ids=["m1"], parent=6, at=at + 41),
        invocation(6, "publish_changes", {"Records": [{"eventID": "event-5", "x": order}]}, at=at + 40, ms=5),
    )  # fmt: skip


def titles(rows):
    return [("  " * row.depth) + row.title for row in rows]


def test_each_step_follows_what_led_to_it():
    assert titles(waterfall(recordings_of(*placed()), "ann", ONE, set())) == [
        "POST /orders",
        "  authorize",
        "  create_order",
        "    dynamodb:PutItem",
        "      INSERT in the stream of orders",
        "        publish_changes",
        "          message to orders-queue",
    ]


def test_times_count_from_the_first_step():
    rows = {row.title: row for row in waterfall(recordings_of(*placed()), "ann", ONE, set())}
    assert (rows["POST /orders"].at, rows["POST /orders"].ms) == pytest.approx((0, 30))
    assert rows["publish_changes"].at == pytest.approx(40)
    assert rows["publish_changes"].waited == pytest.approx(19)  # in the stream
    assert rows["POST /orders"].waited == 0
    assert rows["dynamodb:PutItem"].waited == 0  # that is when its function called


def test_a_batch_belongs_to_all_of_its_orders():
    batch = invocation(3, "accept_order", messages("m1", "m2"), passed="T")
    calls = [call(10 + n, request=f'{{"id": "{order}"}}', carried="T") for n, order in enumerate((ONE, TWO))]
    shared = call(12, "kms:GetPublicKey", request="{}", carried="T")
    sent = [
        record(1 + n, Kind.MESSAGE, QUEUE, f'{{"id": "{order}"}}', ids=[f"m{1 + n}"])
        for n, order in enumerate((ONE, TWO))
    ]
    recordings = recordings_of(*sent, *calls, shared, batch)
    for order, own in ((ONE, 10), (TWO, 11)):
        rows = waterfall(recordings, "ann", order, {ONE, TWO})
        assert own in [row.id for row in rows]
        assert {row.id for row in rows if row.kind == "call"} == {own, 12}
        assert batch.id in [row.id for row in rows]


def test_a_message_that_is_tried_again_shows_each_attempt():
    message = record(1, Kind.MESSAGE, QUEUE, f'{{"id": "{ONE}"}}', ids=["m1"])
    attempts = [
        invocation(n, "accept_order", messages("m1", body=ONE), at=n * 100, error="ValueError: no") for n in (2, 3)
    ]
    rows = waterfall(recordings_of(message, *attempts), "ann", ONE, set())
    assert [(row.id, row.depth, row.is_ok) for row in rows] == [(1, 0, True), (2, 1, False), (3, 1, False)]


def test_a_denied_call_says_so():
    function = invocation(1, "accept_order", {"x": ONE}, passed="T")
    rows = waterfall(recordings_of(call(2, "sns:Publish", is_allowed=False, carried="T"), function), "ann", ONE, set())
    assert [(row.title, row.denied, row.is_ok) for row in rows] == [
        ("accept_order", "", True),
        ("sns:Publish", "sns:Publish", False),
    ]


def test_ids_that_clients_choose_count_only_beside_their_customer():
    found = waterfall(
        recordings_of(
            invocation(1, "a", {"id": "1", "customer": "ann"}),
            invocation(2, "b", {"id": "1", "customer": "bob"}),
            invocation(3, "c", {"qty": 1}),
            invocation(4, "d", {"id": "12", "customer": "ann"}),
        ),
        "ann",
        "1",
        set(),
    )
    assert titles(found) == ["a"]


def test_words_that_are_ids_of_others_hide_nothing():
    function = invocation(1, "create_order", {"id": ONE}, passed="T")
    menu = call(2, "dynamodb:Query", request="{}", answer='{"name": "coffee"}', carried="T")
    assert len(waterfall(recordings_of(menu, function), "ann", ONE, {"coffee", ONE})) == 2


def test_a_dead_letter_follows_the_last_attempt():
    sent = record(1, Kind.MESSAGE, QUEUE, ONE, ids=["m1"])
    attempt = invocation(2, "accept_order", messages("m1", body=ONE), error="ValueError: no")
    dead = record(3, Kind.MESSAGE, f"{QUEUE}-dlq", ONE, ids=["m1"])
    rows = waterfall(recordings_of(sent, attempt, dead), "ann", ONE, set())
    assert [(row.id, row.depth) for row in rows] == [(1, 0), (2, 1), (3, 1)]


def test_a_batch_that_a_stream_gave_up_is_shown():
    failure = record(
        3, Kind.MESSAGE, f"{QUEUE}-failures", '{"DDBStreamBatchInfo": {}}', ids=["f"], received=["event-1"]
    )
    rows = waterfall(recordings_of(change(1, ONE), failure), "ann", ONE, set())
    assert [row.id for row in rows] == [1, 3]


def test_nothing_is_known_of_an_order_that_was_forgotten():
    assert waterfall(recordings_of(*placed()), "ann", TWO, set()) == []


def test_orders_are_known_from_the_stream_latest_first():
    other = record(4, Kind.STREAM, "arn:aws:dynamodb:us-east-1:0:table/other", '{"dynamodb": {}}')
    found = known_orders(
        recordings_of(change(1, ONE), change(2, TWO, "bob"), change(3, ONE, status="accepted"), other), TABLE
    )
    assert [(it["id"], it["customer"], it["status"]) for it in found] == [
        (ONE, "ann", "accepted"),
        (TWO, "bob", "created"),
    ]


def test_a_change_that_was_cut_is_skipped():
    assert known_orders(recordings_of(record(1, Kind.STREAM, TABLE, '{"dynamodb": {"Keys"')), TABLE) == []


def test_the_same_id_of_two_customers_is_two_orders():
    found = known_orders(recordings_of(change(1, "1", "ann"), change(2, "1", "bob")), TABLE)
    assert [it["customer"] for it in found] == ["bob", "ann"]


def test_the_last_orders_are_listed(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    found = known_orders(recordings_of(*(change(n, f"o{n}") for n in range(1, 10))), TABLE)
    assert [it["id"] for it in found] == ["o9", "o8", "o7"]
