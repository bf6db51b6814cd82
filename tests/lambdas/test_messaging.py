import json

import pytest

from lambdas.messaging import Messenger
from lambdas.orders.events import OrderPlaced, StatusChanged
from lambdas.orders.models import Status

PLACED = OrderPlaced("ann", "7")
READY = StatusChanged("ann", "7", Status.READY, Status.ACCEPTED, 1234)


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName="orders")["QueueUrl"]


@pytest.fixture
def topic(sns):
    return sns.create_topic(Name="user-notification")["TopicArn"]


@pytest.fixture
def messenger(queue, topic, sqs, sns):
    return Messenger(queue, topic, sqs, sns)


@pytest.fixture
def received(sqs):
    """What waits in a queue."""

    def receive(url):
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])

    return receive


@pytest.fixture
def subscribe(sqs, sns, topic):
    """A queue that hears of the topic, or of what passes a filter."""

    def make(name, filter_policy=None):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {} if filter_policy is None else {"FilterPolicy": json.dumps(filter_policy)}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    return make


def test_a_placed_order_waits_in_the_queue(messenger, queue, received):
    messenger.send(PLACED)

    [message] = received(queue)
    assert json.loads(message["Body"]) == {"customer": "ann", "id": "7"}


def test_a_placed_order_is_not_told_to_the_topic(messenger, subscribe, received):
    subscriber = subscribe("subscriber")

    messenger.send(PLACED)

    assert received(subscriber) == []


def test_a_changed_status_reaches_the_subscribers(messenger, subscribe, received):
    subscribers = [subscribe("one"), subscribe("another")]

    messenger.send(READY)

    for subscriber in subscribers:
        [message] = received(subscriber)
        notification = json.loads(message["Body"])
        assert notification["Subject"] == "Order 7: ready"
        assert json.loads(notification["Message"]) == {
            "customer": "ann",
            "id": "7",
            "status": "ready",
            "previousStatus": "accepted",
            "_updatedAt": 1234,
        }
        assert notification["MessageAttributes"] == {
            "customer": {"Type": "String", "Value": "ann"},
            "status": {"Type": "String", "Value": "ready"},
        }


def test_a_changed_status_is_not_work_for_the_kitchen(messenger, queue, received):
    messenger.send(READY)

    assert received(queue) == []


@pytest.mark.parametrize(
    ("filter_policy", "hears"),
    [
        ({"customer": ["ann"]}, True),
        ({"customer": ["bob"]}, False),
        ({"status": ["ready", "filled"]}, True),
        ({"status": ["cancelled"]}, False),
        ({"customer": ["ann"], "status": ["ready"]}, True),
        ({"customer": ["ann"], "status": ["filled"]}, False),
    ],
    ids=str,
)
def test_subscribers_may_filter(messenger, subscribe, received, filter_policy, hears):
    subscriber = subscribe("subscriber", filter_policy)

    messenger.send(READY)

    assert bool(received(subscriber)) is hears


def test_names_in_any_script_arrive_unharmed(messenger, subscribe, queue, received):
    name = "\u00e9\u6292\u8336 \U0001f950 \"<&>'"
    subscriber = subscribe("subscriber")

    messenger.send(OrderPlaced(name, "7"))
    messenger.send(StatusChanged(name, "7", Status.READY, Status.ACCEPTED, 1234))

    [placed], [changed] = received(queue), received(subscriber)
    assert json.loads(placed["Body"])["customer"] == name
    assert json.loads(json.loads(changed["Body"])["Message"])["customer"] == name


def test_what_cannot_be_sent_is_an_error(topic, sqs, sns):
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        Messenger("https://sqs.eu-central-1.amazonaws.com/123456789012/none", topic, sqs, sns).send(PLACED)
    with pytest.raises(sns.exceptions.NotFoundException):
        Messenger("", f"{topic}-none", sqs, sns).send(READY)
