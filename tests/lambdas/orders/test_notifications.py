import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from aws_lambda_powertools.utilities import idempotency
from aws_lambda_powertools.utilities.idempotency import persistence
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
)

from lambdas.orders.models import Status
from lambdas.orders.notifications import REMEMBERED_SECONDS, Notifications
from lambdas.orders.orders_queue import OrdersQueue
from tests.lambdas.builders import NOON, a_change, an_order_placed, placed_body
from tests.lambdas.fakes import OneAtATime
from tests.lambdas.poller import WorkerDied

TABLE = "notifications"
DAY_SECONDS = 24 * 60 * 60
UNICODE_NAME = "\u00e9\u6292\u8336 \U0001f950 \"<&>'"


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName="orders")["QueueUrl"]


@pytest.fixture
def topic(sns):
    return sns.create_topic(Name="user-notification")["TopicArn"]


@pytest.fixture
def idempotency_table(keyed_table):
    """The table of idempotency records."""
    return OneAtATime(keyed_table(TABLE))


@pytest.fixture
def notifications(topic, sns, idempotency_table):
    return Notifications(topic, TABLE, sns, idempotency_table)


@pytest.fixture
def received(sqs):
    """Receive the messages of a queue."""

    def receive(url):
        return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])

    return receive


@pytest.fixture
def subscribe(sqs, sns, topic):
    """Create a queue that is subscribed to the topic, optionally with a filter policy."""

    def make(name, filter_policy=None):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {} if filter_policy is None else {"FilterPolicy": json.dumps(filter_policy)}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    return make


class Published:
    """An SNS client that records calls. The first `failures` calls fail; the others take `seconds`."""

    def __init__(self, failures=0, error=ConnectionError, seconds=0.0) -> None:
        self.calls = []
        self.failures = failures
        self.error = error
        self.seconds = seconds

    def publish(self, **call):
        if self.failures:
            self.failures -= 1
            raise self.error
        time.sleep(self.seconds)
        self.calls.append(call)


class TestOrdersQueue:
    def test_receives_a_placed_order(self, queue, sqs, received):
        OrdersQueue(queue, sqs).send(an_order_placed())

        [message] = received(queue)
        assert json.loads(message["Body"]) == placed_body()

    def test_supports_non_ascii_names(self, queue, sqs, received):
        OrdersQueue(queue, sqs).send(an_order_placed(customer=UNICODE_NAME))

        [message] = received(queue)
        assert json.loads(message["Body"])["customer"] == UNICODE_NAME

    def test_a_missing_queue_is_an_error(self, sqs):
        with pytest.raises(sqs.exceptions.QueueDoesNotExist):
            OrdersQueue("https://sqs.eu-central-1.amazonaws.com/123456789012/none", sqs).send(an_order_placed())


class TestNotification:
    def test_reaches_every_subscriber_as_json(self, notifications, subscribe, received):
        subscribers = [subscribe("one"), subscribe("another")]

        notifications.send(a_change())

        for subscriber in subscribers:
            [message] = received(subscriber)
            notification = json.loads(message["Body"])
            assert notification["Subject"] == "Order 7: ready"
            assert json.loads(notification["Message"]) == {
                "customer": "ann",
                "id": "7",
                "status": "ready",
                "previousStatus": "accepted",
                "_updatedAt": NOON,
                "text": "Your order 7 is ready for pickup.",
                "correlationId": "request-1",
            }
            assert notification["MessageAttributes"] == {
                "customer": {"Type": "String", "Value": "ann"},
                "status": {"Type": "String", "Value": "ready"},
            }

    def test_is_a_sentence_in_mail(self, topic, idempotency_table):
        sns = Published()

        Notifications(topic, TABLE, sns, idempotency_table).send(a_change())

        [call] = sns.calls
        by_protocol = json.loads(call["Message"])
        assert call["MessageStructure"] == "json"
        assert by_protocol["email"] == "Your order 7 is ready for pickup."
        # SNS requires a default, which it uses for every other protocol (Publish, `MessageStructure`).
        assert json.loads(by_protocol["default"])["text"] == by_protocol["email"]

    @pytest.mark.parametrize(
        ("filter_policy", "matches"),
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
    def test_can_be_filtered(self, notifications, subscribe, received, filter_policy, matches):
        subscriber = subscribe("subscriber", filter_policy)

        notifications.send(a_change())

        assert bool(received(subscriber)) is matches

    def test_supports_non_ascii_names(self, notifications, subscribe, received):
        subscriber = subscribe("subscriber")

        notifications.send(a_change(customer=UNICODE_NAME))

        [changed] = received(subscriber)
        assert json.loads(json.loads(changed["Body"])["Message"])["customer"] == UNICODE_NAME

    def test_a_missing_topic_is_an_error(self, topic, sns, idempotency_table):
        with pytest.raises(sns.exceptions.NotFoundException):
            Notifications(f"{topic}-none", TABLE, sns, idempotency_table).send(a_change())


class WallClock:
    """Replaces the module `datetime` in Powertools. Time advances only with `pass_seconds`, because on a busy machine a
    second may pass at any moment."""

    timedelta = dt.timedelta

    def __init__(self) -> None:
        self.datetime = self
        # No time zone switches to or from daylight saving time around this day.
        self._now = dt.datetime(2026, 1, 15, 12)

    def now(self) -> dt.datetime:
        return self._now

    def ms(self) -> int:
        return int(self._now.timestamp() * 1000)

    def pass_seconds(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


class TestOnce:
    """Each change is published once, however often its record is delivered."""

    @pytest.fixture(autouse=True)
    def wall_clock(self, monkeypatch):
        clock = WallClock()
        for module in (idempotency.base, persistence.base, persistence.datarecord, persistence.dynamodb):
            monkeypatch.setattr(module, "dt", clock)
        return clock

    @pytest.fixture
    def sns(self):
        return Published()

    @pytest.fixture
    def topic(self):
        return "arn:aws:sns:eu-central-1:123456789012:user-notification"

    @pytest.fixture
    def die_before_publishing(self, topic, idempotency_table):
        """Stores the idempotency record, then dies before publishing."""

        def die():
            with pytest.raises(WorkerDied):
                Notifications(topic, TABLE, Published(1, WorkerDied), idempotency_table).send(a_change())

        return die

    def test_the_same_change_is_published_once(self, notifications, sns):
        for _ in range(3):
            notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_the_same_change_is_published_once_by_several_processes(self, topic, sns, idempotency_table):
        for _ in range(3):
            Notifications(topic, TABLE, sns, idempotency_table).send(a_change())

        assert len(sns.calls) == 1

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(a_change("8"), id="another order"),
            pytest.param(a_change(customer="bob"), id="another customer's order with the same ID"),
            pytest.param(a_change(status=Status.CANCELLED), id="another status"),
            pytest.param(a_change(at=NOON + 1), id="a later order with the same ID"),
        ],
    )
    def test_different_changes_are_published(self, notifications, sns, other):
        for change in (a_change(), other, a_change(), other):
            notifications.send(change)

        assert [json.loads(json.loads(call["Message"])["default"])["id"] for call in sns.calls] == ["7", other.id]

    def test_the_same_change_is_published_once_by_eight_threads(self, topic, idempotency_table):
        sns = Published(seconds=0.1)

        def publish(_):
            try:
                Notifications(topic, TABLE, sns, idempotency_table).send(a_change())
            except IdempotencyAlreadyInProgressError:
                return "in progress"
            return "published"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(publish, range(8)))

        # Threads that find the change published have nothing to do; the records of others fail and are retried.
        assert len(sns.calls) == 1
        assert outcomes.count("published") >= 1

    def test_a_failed_change_is_published_on_retry(self, topic, idempotency_table):
        sns = Published(failures=2)
        notifications = Notifications(topic, TABLE, sns, idempotency_table)

        for _ in range(2):
            with pytest.raises(ConnectionError):
                notifications.send(a_change())
        notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_a_dead_attempt_counts_as_in_progress_for_a_second(
        self, notifications, sns, die_before_publishing, wall_clock
    ):
        die_before_publishing()
        wall_clock.pass_seconds(0.999)

        with pytest.raises(IdempotencyAlreadyInProgressError):
            notifications.send(a_change())
        assert sns.calls == []

    def test_a_dead_attempt_is_retried_after_a_second(self, notifications, sns, die_before_publishing, wall_clock):
        die_before_publishing()
        wall_clock.pass_seconds(1.001)

        for _ in range(2):
            notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_an_attempt_is_in_progress_for_a_second(self, idempotency_table, die_before_publishing, wall_clock):
        die_before_publishing()

        [record] = idempotency_table.scan(TableName=TABLE)["Items"]
        assert int(record["in_progress_expiration"]["N"]) == wall_clock.ms() + 1000

    def test_without_an_idempotency_record_nothing_is_published(self, topic, sns, idempotency_table):
        with pytest.raises(IdempotencyPersistenceLayerError):
            Notifications(topic, "no-such-table", sns, idempotency_table).send(a_change())

        assert sns.calls == []

    def test_idempotency_records_outlive_stream_records(self, notifications, idempotency_table, wall_clock):
        notifications.send(a_change())

        [record] = idempotency_table.scan(TableName=TABLE)["Items"]
        assert REMEMBERED_SECONDS == 2 * DAY_SECONDS
        assert int(record["expiration"]["N"]) == wall_clock.ms() // 1000 + REMEMBERED_SECONDS

    def test_idempotency_records_do_not_contain_the_customer(self, notifications, idempotency_table):
        notifications.send(a_change(customer="a-rare-name"))

        assert "a-rare-name" not in str(idempotency_table.scan(TableName=TABLE)["Items"])
