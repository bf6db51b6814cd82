import json

import pytest

from lambdas import publish_changes
from lambdas.orders.keys import open_key
from lambdas.orders.models import Item, Status
from lambdas.orders.notifications import Notifications
from lambdas.orders.orders_queue import OrdersQueue
from lambdas.runtime.dynamodb_json import to_attributes
from lambdas.runtime.event_api import NotPublished
from tests.lambdas.builders import NOON, a_change, an_order, an_order_placed, failures, stream_event, stream_record
from tests.lambdas.fakes import FakeOutbox, FakeProgress

CREATED = an_order("7", correlation_id="request-1")
ACCEPTED = an_order("7", status=Status.ACCEPTED, updated_at=1234, correlation_id="request-2")
PUBLISHED = a_change("7", "ann", Status.ACCEPTED, Status.CREATED, 1234, "request-2")
TTL = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}}
"""The marker of a TTL deletion (DynamoDB developer guide, "DynamoDB Streams and Time to Live")."""


@pytest.fixture
def outbox():
    return FakeOutbox()


@pytest.fixture
def progress():
    return FakeProgress()


@pytest.fixture
def publish(outbox, progress, context, monkeypatch):
    for service in ("orders_queue", "notifications"):
        monkeypatch.setattr(publish_changes, service, lambda: outbox)
    monkeypatch.setattr(publish_changes, "progress", lambda: progress)
    monkeypatch.setattr(publish_changes, "event_api", lambda: getattr(outbox, "live", None))

    def run(*records):
        return publish_changes.handler(stream_event(*records), context)

    return run


def inserted(id, sequence):
    return stream_record("INSERT", new=an_order(id, correlation_id="request-1"), sequence=sequence)


@pytest.mark.parametrize(
    ("record", "sent"),
    [
        pytest.param(stream_record("INSERT", new=CREATED), [an_order_placed("7")], id="a new order"),
        pytest.param(stream_record("MODIFY", CREATED, ACCEPTED), [PUBLISHED], id="a status change"),
        pytest.param(stream_record("MODIFY", CREATED, an_order("7", items=[Item("x", 2)])), [], id="other items"),
        pytest.param(stream_record("MODIFY", CREATED, CREATED), [], id="no change"),
        pytest.param(stream_record("REMOVE", CREATED), [], id="removed"),
        pytest.param({**stream_record("REMOVE", CREATED), **TTL}, [], id="removed by its TTL"),
    ],
)
def test_only_relevant_changes_are_published(publish, outbox, record, sent):
    assert publish(record) == failures()
    assert outbox.sent == sent


def test_removing_an_unreadable_order_is_not_a_failure(publish, outbox):
    record = stream_record("REMOVE", CREATED)
    del record["dynamodb"]["OldImage"]["items"]

    assert publish(record) == failures()
    assert outbox.sent == []


@pytest.mark.parametrize("who", [{}, TTL], ids=["deleted", "expired"])
def test_a_removal_is_not_logged(publish, logs, who):
    publish({**stream_record("REMOVE", an_order("7", status=Status.FILLED)), **who})

    assert [line["message"] for line in logs.lines()] == ["processed"]


def test_publishing_is_logged_with_the_correlation_id(publish, logs):
    publish(stream_record("INSERT", new=CREATED), stream_record("MODIFY", CREATED, ACCEPTED))

    kitchen, customer, _ = logs.lines()
    assert [kitchen[name] for name in ("message", "order", "correlation_id")] == [
        "notified the kitchen",
        "7",
        "request-1",
    ]
    assert [customer[name] for name in ("message", "order", "correlation_id", "status")] == [
        "notified the customer",
        "7",
        "request-2",
        "accepted",
    ]


def test_changes_are_published_in_order(publish, outbox):
    publish(inserted("1", "101"), stream_record("MODIFY", CREATED, ACCEPTED, "102"), inserted("2", "103"))

    assert outbox.sent == [an_order_placed("1"), PUBLISHED, an_order_placed("2")]


def test_only_records_that_cannot_be_sent_are_reported(publish, outbox):
    outbox.failing = {"2"}

    answer = publish(*(inserted(str(n), f"10{n}") for n in (1, 2, 3)))

    assert answer == failures("102")
    assert outbox.sent == [an_order_placed("1"), an_order_placed("3")]


def test_only_records_that_cannot_be_read_are_reported(publish, outbox):
    broken = inserted("2", "102")
    broken["dynamodb"]["NewImage"]["status"] = {"S": "eaten"}

    assert publish(inserted("1", "101"), broken, inserted("3", "103")) == failures("102")
    assert outbox.sent == [an_order_placed("1"), an_order_placed("3")]


def test_if_nothing_can_be_sent_the_first_record_is_reported(publish, outbox):
    outbox.failing = {"1", "2", "3"}

    assert publish(*(inserted(str(n), f"10{n}") for n in (1, 2, 3))) == failures("101")


def test_large_orders_are_published(publish, outbox):
    order = an_order(
        "x" * 64, "\u00e9\u6292", items=[Item("\U0001f950", 99)] * 50, restaurant_id=2**53 - 1, staff="s", filled_at=5
    )

    assert publish(stream_record("INSERT", new=order)) == failures()
    assert outbox.sent == [an_order_placed("x" * 64, "\u00e9\u6292", "")]


def test_an_order_placed_again_after_deletion_is_another_order(publish, outbox):
    again = an_order("7", correlation_id="request-1", created_at=5678)

    publish(stream_record("INSERT", new=CREATED), stream_record("REMOVE", CREATED), stream_record("INSERT", new=again))

    assert outbox.sent == [an_order_placed("7"), an_order_placed("7", created_at=5678)]


def test_customers_are_notified_of_statuses_in_order(publish, outbox):
    ready = an_order("7", status=Status.READY, updated_at=5678, correlation_id="request-3")
    changes = [
        stream_record("MODIFY", CREATED, ACCEPTED, "101"),
        stream_record("MODIFY", ACCEPTED, ready, "102"),
        inserted("8", "103"),
    ]
    outbox.hiccups = 1

    answer = publish(*changes)

    # The other order is not delayed.
    assert answer == failures("101")
    assert outbox.sent == [an_order_placed("8")]
    assert publish(*changes[:2]) == failures()
    assert outbox.sent[1:] == [PUBLISHED, a_change("7", "ann", Status.READY, Status.ACCEPTED, 5678, "request-3")]


def test_published_changes_arrive(context, monkeypatch, sqs, sns, keyed_table):
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    topic = sns.create_topic(Name="user-notification")["TopicArn"]
    subscriber = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=subscriber, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    notifications = Notifications(topic, "notifications", sns, keyed_table("notifications"))
    monkeypatch.setattr(publish_changes, "orders_queue", lambda: OrdersQueue(queue, sqs))
    monkeypatch.setattr(publish_changes, "notifications", lambda: notifications)
    monkeypatch.setattr(publish_changes, "progress", FakeProgress)
    changes = [stream_record("INSERT", new=CREATED, sequence="1"), stream_record("MODIFY", CREATED, ACCEPTED, "2")]

    answers = [publish_changes.handler(stream_event(*changes), context) for _ in range(2)]

    received = [sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"] for url in (queue, subscriber)]
    assert answers == [failures()] * 2
    # The kitchen gets the order again, but accepts it once. The customer is notified once.
    assert [[json.loads(message["Body"]).get("status") for message in messages] for messages in received] == [
        [None, None],
        ["accepted"],
    ]


def test_a_refund_is_requested_before_the_customer_is_notified(publish, outbox):
    before = an_order("7", status=Status.ACCEPTED, paid_revision="r1")
    after = an_order("7", status=Status.CANCELLED, paid_revision="r1")

    assert publish(stream_record("MODIFY", before, after)) == failures()
    refund, notification = outbox.sent
    assert (refund.id, refund.cancelled, notification.status) == ("7", True, Status.CANCELLED)


@pytest.mark.parametrize("ids", [{}, {"ids": frozenset({"7"})}], ids=["empty", "full"])
def test_the_set_of_open_orders_is_no_order(publish, outbox, ids):
    """DynamoDB removes an attribute whose set becomes empty."""
    item = to_attributes({**open_key("ann"), **ids})
    record = stream_record("INSERT", new=an_order())
    record["dynamodb"]["NewImage"] = item

    assert publish(record) == failures()
    assert outbox.sent == []


class FakeEventApi:
    def __init__(self, outbox):
        self.outbox = outbox
        self.published = {}
        self.problem = None

    def publish(self, events):
        assert self.outbox.sent or not self.outbox.expected, "published before the queue and the topic"
        self.published = events
        if self.problem:
            raise self.problem


@pytest.fixture
def live(outbox):
    outbox.live = FakeEventApi(outbox)
    outbox.expected = True
    return outbox.live


def test_a_batch_is_published_live_after_queue_and_topic(publish, live):
    publish(stream_record("INSERT", new=CREATED), stream_record("MODIFY", CREATED, ACCEPTED, sequence="112"))

    events = [{"order": CREATED.public()}, {"order": ACCEPTED.public()}]
    assert live.published == {"/orders/customers/ann": events, "/orders/board": events}


@pytest.mark.parametrize("problem", [NotPublished("status 500"), RuntimeError("can't start new thread")])
def test_a_failing_event_api_costs_no_record_and_is_counted(publish, outbox, live, logs, problem):
    live.problem = problem

    assert publish(stream_record("INSERT", new=CREATED)) == failures()
    assert len(outbox.sent) == 1
    assert logs.counts() == {"LiveFailures": 1}


def test_an_unreadable_record_hides_no_other_from_the_live_updates(publish, live):
    broken = stream_record("INSERT", new=CREATED, sequence="112")
    del broken["dynamodb"]["NewImage"]["items"]

    assert publish(stream_record("INSERT", new=CREATED), broken) == failures("112")
    assert live.published["/orders/board"] == [{"order": CREATED.public()}]


@pytest.mark.parametrize(("who", "expected"), [({}, 1), (TTL, 0)], ids=["deleted", "expired"])
def test_deletions_are_told_live_but_expiries_are_not(publish, outbox, live, who, expected):
    outbox.expected = False
    publish({**stream_record("REMOVE", CREATED), **who})

    assert live.published == (
        {
            channel: [{"order": CREATED.public(), "removed": True}]
            for channel in ("/orders/customers/ann", "/orders/board")
        }
        if expected
        else {}
    )


def test_sets_of_open_orders_are_not_told_live(publish, outbox, live):
    outbox.expected = False
    image = {**to_attributes(open_key("ann")), "ids": {"SS": ["7"]}}
    record = stream_record("INSERT", new=CREATED)
    record["dynamodb"] |= {"Keys": to_attributes(open_key("ann")), "NewImage": image}

    publish(record)
    publish({**record, "eventName": "REMOVE", "dynamodb": {**record["dynamodb"], "NewImage": None, "OldImage": image}})

    assert live.published == {}


def test_the_progress_of_orders_is_followed(publish, progress):
    records = [
        stream_record("INSERT", new=CREATED, sequence="1"),
        stream_record("MODIFY", CREATED, ACCEPTED, "2"),
        stream_record("REMOVE", ACCEPTED, sequence="3"),
        {**stream_record("REMOVE", ACCEPTED, sequence="4"), **TTL},
    ]

    assert publish(*records) == failures()
    assert progress.events == [("moved", "7", Status.ACCEPTED), ("deleted", "7", NOON // 1000 * 1000)]


def test_a_queued_order_that_was_refused_is_not_sent_to_the_kitchen(publish, outbox):
    assert publish(stream_record("INSERT", new=an_order("7", status=Status.CANCELLED))) == failures()
    assert outbox.sent == []
