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
from tests.lambdas.builders import NOON, a_change, a_placed, placed_body
from tests.lambdas.fakes import OneAtATime
from tests.lambdas.poller import WorkerDied

TABLE = "notifications"
DAY_SECONDS = 24 * 60 * 60
NAME_IN_ANY_SCRIPT = "\u00e9\u6292\u8336 \U0001f950 \"<&>'"


@pytest.fixture
def queue(sqs):
    return sqs.create_queue(QueueName="orders")["QueueUrl"]


@pytest.fixture
def topic(sns):
    return sns.create_topic(Name="user-notification")["TopicArn"]


@pytest.fixture
def remembered(keyed_table):
    """The table of what was sent."""
    return OneAtATime(keyed_table(TABLE))


@pytest.fixture
def notifications(topic, sns, remembered):
    return Notifications(topic, TABLE, sns, remembered)


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


class Published:
    """An SNS client that writes down what it was given; `failures` of its calls fail, and so many take their time."""

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
    def test_holds_a_placed_order(self, queue, sqs, received):
        OrdersQueue(queue, sqs).send(a_placed())

        [message] = received(queue)
        assert json.loads(message["Body"]) == placed_body()

    def test_holds_names_in_any_script(self, queue, sqs, received):
        OrdersQueue(queue, sqs).send(a_placed(customer=NAME_IN_ANY_SCRIPT))

        [message] = received(queue)
        assert json.loads(message["Body"])["customer"] == NAME_IN_ANY_SCRIPT

    def test_that_is_not_there_is_an_error(self, sqs):
        with pytest.raises(sqs.exceptions.QueueDoesNotExist):
            OrdersQueue("https://sqs.eu-central-1.amazonaws.com/123456789012/none", sqs).send(a_placed())


class TestNotification:
    def test_reaches_every_subscriber_as_the_whole_document(self, notifications, subscribe, received):
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

    def test_is_a_sentence_for_those_who_read_it_as_mail(self, topic, remembered):
        sns = Published()

        Notifications(topic, TABLE, sns, remembered).send(a_change())

        [call] = sns.calls
        by_protocol = json.loads(call["Message"])
        assert call["MessageStructure"] == "json"
        assert by_protocol["email"] == "Your order 7 is ready for pickup."
        # SNS takes the default for every other protocol, and wants to have one (Publish, `MessageStructure`).
        assert json.loads(by_protocol["default"])["text"] == by_protocol["email"]

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
    def test_may_be_filtered(self, notifications, subscribe, received, filter_policy, hears):
        subscriber = subscribe("subscriber", filter_policy)

        notifications.send(a_change())

        assert bool(received(subscriber)) is hears

    def test_holds_names_in_any_script(self, notifications, subscribe, received):
        subscriber = subscribe("subscriber")

        notifications.send(a_change(customer=NAME_IN_ANY_SCRIPT))

        [changed] = received(subscriber)
        assert json.loads(json.loads(changed["Body"])["Message"])["customer"] == NAME_IN_ANY_SCRIPT

    def test_to_a_topic_that_is_not_there_is_an_error(self, topic, sns, remembered):
        with pytest.raises(sns.exceptions.NotFoundException):
            Notifications(f"{topic}-none", TABLE, sns, remembered).send(a_change())


class WallClock:
    """What Powertools tells the time by, in place of the module `datetime`. It stands still, but for `pass_seconds`: a
    busy machine lets a second pass at any moment."""

    timedelta = dt.timedelta

    def __init__(self) -> None:
        self.datetime = self
        # No time zone's clocks are put forward or back about that day.
        self._now = dt.datetime(2026, 1, 15, 12)

    def now(self) -> dt.datetime:
        return self._now

    def ms(self) -> int:
        return int(self._now.timestamp() * 1000)

    def pass_seconds(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


class TestOnce:
    """Each change is told once, however often and from wherever its record is delivered."""

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
    def die_before_telling(self, topic, remembered):
        """A call that takes note of what it is about to do, and ends there."""

        def die():
            with pytest.raises(WorkerDied):
                Notifications(topic, TABLE, Published(1, WorkerDied), remembered).send(a_change())

        return die

    def test_the_same_change_is_told_once(self, notifications, sns):
        for _ in range(3):
            notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_the_same_change_is_told_once_also_by_another_process(self, topic, sns, remembered):
        for _ in range(3):
            Notifications(topic, TABLE, sns, remembered).send(a_change())

        assert len(sns.calls) == 1

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(a_change("8"), id="another order"),
            pytest.param(a_change(customer="bob"), id="another customer's order of the same id"),
            pytest.param(a_change(status=Status.CANCELLED), id="another status"),
            pytest.param(a_change(at=NOON + 1), id="a later order of the same id"),
        ],
    )
    def test_another_change_is_told_as_well(self, notifications, sns, other):
        for change in (a_change(), other, a_change(), other):
            notifications.send(change)

        assert [json.loads(json.loads(call["Message"])["default"])["id"] for call in sns.calls] == ["7", other.id]

    def test_the_same_change_is_told_once_by_eight_at_a_time(self, topic, remembered):
        sns = Published(seconds=0.1)

        def tell(_):
            try:
                Notifications(topic, TABLE, sns, remembered).send(a_change())
            except IdempotencyAlreadyInProgressError:
                return "somebody else is at it"
            return "told"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(tell, range(8)))

        # Whoever finds it done already has nothing to do; the others' records fail, and come again.
        assert len(sns.calls) == 1
        assert outcomes.count("told") >= 1

    def test_what_could_not_be_told_is_told_the_next_time(self, topic, remembered):
        sns = Published(failures=2)
        notifications = Notifications(topic, TABLE, sns, remembered)

        for _ in range(2):
            with pytest.raises(ConnectionError):
                notifications.send(a_change())
        notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_an_attempt_that_died_counts_as_under_way_within_the_second(
        self, notifications, sns, die_before_telling, wall_clock
    ):
        die_before_telling()
        wall_clock.pass_seconds(0.999)

        with pytest.raises(IdempotencyAlreadyInProgressError):
            notifications.send(a_change())
        assert sns.calls == []

    def test_an_attempt_that_died_is_made_again_after_a_second(
        self, notifications, sns, die_before_telling, wall_clock
    ):
        die_before_telling()
        wall_clock.pass_seconds(1.001)

        for _ in range(2):
            notifications.send(a_change())

        assert len(sns.calls) == 1

    def test_an_attempt_is_noted_as_under_way_for_a_second_however_long_the_call_may_last(
        self, remembered, die_before_telling, wall_clock
    ):
        die_before_telling()

        [note] = remembered.scan(TableName=TABLE)["Items"]
        assert int(note["in_progress_expiration"]["N"]) == wall_clock.ms() + 1000

    def test_a_change_of_which_no_note_can_be_taken_is_not_told(self, topic, sns, remembered):
        with pytest.raises(IdempotencyPersistenceLayerError):
            Notifications(topic, "no-such-table", sns, remembered).send(a_change())

        assert sns.calls == []

    def test_a_change_is_remembered_for_twice_as_long_as_a_stream_keeps_it(self, notifications, remembered, wall_clock):
        notifications.send(a_change())

        [note] = remembered.scan(TableName=TABLE)["Items"]
        assert REMEMBERED_SECONDS == 2 * DAY_SECONDS
        assert int(note["expiration"]["N"]) == wall_clock.ms() // 1000 + REMEMBERED_SECONDS

    def test_what_is_remembered_says_nothing_about_the_customer(self, notifications, remembered):
        notifications.send(a_change(customer="a-rare-name"))

        assert "a-rare-name" not in str(remembered.scan(TableName=TABLE)["Items"])
