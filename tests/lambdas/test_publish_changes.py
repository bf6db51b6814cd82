import json

import pytest

from lambdas import publish_changes
from lambdas.messaging import Messenger
from lambdas.orders.events import OrderPlaced, StatusChanged
from lambdas.orders.models import Item, Status
from tests.lambdas.builders import an_order, failures, stream_event, stream_record
from tests.lambdas.fakes import FakeMessenger

CREATED = an_order("7")
ACCEPTED = an_order("7", status=Status.ACCEPTED, updated_at=1234)
TOLD = StatusChanged("ann", "7", Status.ACCEPTED, Status.CREATED, 1234)


@pytest.fixture
def messenger():
    return FakeMessenger()


@pytest.fixture
def publish(messenger, context, monkeypatch):
    monkeypatch.setattr(publish_changes, "messenger", lambda: messenger)

    def run(*records):
        return publish_changes.handler(stream_event(*records), context)

    return run


def inserted(id, sequence):
    return stream_record("INSERT", new=an_order(id), sequence=sequence)


@pytest.mark.parametrize(
    ("record", "sent"),
    [
        pytest.param(stream_record("INSERT", new=CREATED), [OrderPlaced("ann", "7")], id="a new order"),
        pytest.param(stream_record("MODIFY", CREATED, ACCEPTED), [TOLD], id="a change of status"),
        pytest.param(stream_record("MODIFY", CREATED, an_order("7", items=[Item("x", 2)])), [], id="other items"),
        pytest.param(stream_record("MODIFY", CREATED, CREATED), [], id="no change"),
        pytest.param(stream_record("REMOVE", CREATED), [], id="removed"),
        pytest.param(
            {
                **stream_record("REMOVE", an_order("7", status=Status.FILLED)),
                "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
            },
            [],
            id="removed by its TTL",
        ),
    ],
)
def test_a_change_is_told_where_it_matters(publish, messenger, record, sent):
    assert publish(record) == failures()
    assert messenger.sent == sent


def test_a_removal_of_what_this_version_cannot_read_passes_quietly(publish, messenger):
    record = stream_record("REMOVE", CREATED)
    del record["dynamodb"]["OldImage"]["items"]

    assert publish(record) == failures()
    assert messenger.sent == []


def test_records_are_told_in_their_order(publish, messenger):
    publish(inserted("1", "101"), stream_record("MODIFY", CREATED, ACCEPTED, "102"), inserted("2", "103"))

    assert messenger.sent == [OrderPlaced("ann", "1"), TOLD, OrderPlaced("ann", "2")]


def test_a_record_that_cannot_be_sent_is_reported_and_its_neighbours_are_sent(publish, messenger):
    messenger.unlucky = {"2"}

    answer = publish(*(inserted(str(n), f"10{n}") for n in (1, 2, 3)))

    assert answer == failures("102")
    assert messenger.sent == [OrderPlaced("ann", "1"), OrderPlaced("ann", "3")]


def test_a_record_that_cannot_be_read_is_reported_and_its_neighbours_are_sent(publish, messenger):
    broken = inserted("2", "102")
    broken["dynamodb"]["NewImage"]["status"] = {"S": "eaten"}

    assert publish(inserted("1", "101"), broken, inserted("3", "103")) == failures("102")
    assert messenger.sent == [OrderPlaced("ann", "1"), OrderPlaced("ann", "3")]


def test_when_nothing_can_be_sent_every_record_is_reported(publish, messenger):
    messenger.unlucky = {"1", "2", "3"}

    assert publish(*(inserted(str(n), f"10{n}") for n in (1, 2, 3))) == failures("101", "102", "103")


def test_orders_of_every_shape_are_told(publish, messenger):
    order = an_order(
        "x" * 64, "\u00e9\u6292", items=[Item("\U0001f950", 99)] * 50, restaurant_id=2**53 - 1, staff="s", filled_at=5
    )

    assert publish(stream_record("INSERT", new=order)) == failures()
    assert messenger.sent == [OrderPlaced("\u00e9\u6292", "x" * 64)]


def test_what_is_told_arrives(context, monkeypatch, sqs, sns):
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    topic = sns.create_topic(Name="user-notification")["TopicArn"]
    subscriber = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=subscriber, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    monkeypatch.setattr(publish_changes, "messenger", lambda: Messenger(queue, topic, sqs, sns))
    changes = [stream_record("INSERT", new=CREATED, sequence="1"), stream_record("MODIFY", CREATED, ACCEPTED, "2")]

    answer = publish_changes.handler(stream_event(*changes), context)

    received = [sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"] for url in (queue, subscriber)]
    assert answer == failures()
    assert [[json.loads(message["Body"]).get("status") for message in messages] for messages in received] == [
        [None],
        ["accepted"],
    ]
