"""`python -m ops` on the running café: why a message is in a dead-letter queue, and what happens after a redrive."""

import json
import signal
import subprocess
import sys

import pytest

from ops import queues
from ops.commands import main
from tests.local.cafe.test_load import orders_restored
from tests.local.conftest import ROOT, TIMEOUT_SECONDS, eventually
from tests.local.test_intake import ESPRESSO, attributes_of, from_gateway, send, user_name

pytestmark = pytest.mark.long


@pytest.fixture
def ops(cafe, monkeypatch, capsys):
    """Runs a command on the café. Returns its exit code and output. No wait: the emulator's SQS is not distributed."""
    monkeypatch.setattr(queues, "WAIT_SECONDS", 0)

    def ops(*arguments):
        code = main([*arguments, "--home", str(cafe.home)])
        out, err = capsys.readouterr()
        assert err == ""
        return code, out

    return ops


@pytest.fixture(scope="module", autouse=True)
def restored(cafe, sqs):
    """Removes the orders that the tests add, and checks that no dead letters are left."""

    def dead_letters():
        urls = [cafe.outputs[output] for output in ("ordersDlqUrl", "intakeDlqUrl", "streamFailuresUrl")]
        return [attributes_of(sqs, url)["ApproximateNumberOfMessages"] for url in urls]

    # Messages left by other tests would still arrive here.
    for output in ("intakeQueueUrl", "ordersDlqUrl", "intakeDlqUrl", "streamFailuresUrl"):
        sqs.purge_queue(QueueUrl=cafe.outputs[output])
    with orders_restored(cafe):
        yield
    assert dead_letters() == ["0", "0", "0"]


@pytest.fixture(scope="module")
def sqs(cafe):
    return cafe.aws.client("sqs")


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


@pytest.fixture
def order(cafe, ann):
    """An accepted order."""
    order = cafe.api.post("orders", json=ESPRESSO, headers=ann).json()
    path = f"orders/{order['customer']}/{order['id']}"
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    return order


@pytest.fixture
def short_visibility_timeout(cafe, sqs):
    """A short visibility timeout on the intake queue."""
    url = cafe.outputs["intakeQueueUrl"]
    before = attributes_of(sqs, url)["VisibilityTimeout"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": before})


def take(sqs, url, id_, keep=False):
    """Take a message out of a queue, or only look for it. Returns whether it was there."""
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    for message in messages:
        if message["MessageId"] == id_:
            keep or sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return True
    return False


def times_logged(cafe, function, message, order):
    """How often a function has logged a message about an order."""
    group = cafe.aws.client("lambda").get_function_configuration(FunctionName=cafe.outputs[function])["LoggingConfig"]
    pages = cafe.aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group["LogGroup"])
    lines = [event["message"] for page in pages for event in page["events"]]
    return sum(f'"message":"{message}"' in line and order in line for line in lines)


@pytest.mark.usefixtures("short_visibility_timeout")
def test_a_poison_message_is_shown_with_the_reason(cafe, sqs):
    url = cafe.outputs["intakeDlqUrl"]
    [id_] = send(sqs, cafe.outputs["intakeQueueUrl"], ("{ this is no JSON", None))
    eventually(lambda: take(sqs, url, id_, keep=True))

    command = [sys.executable, "-m", "ops", "dead-letters", "--json", "--home", str(cafe.home)]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)

    assert (shown.returncode, shown.stderr) == (0, "")
    [letter] = [letter for letter in json.loads(shown.stdout)["intake"] if letter["id"] == id_]
    assert letter["receives"] >= 5
    assert letter["about"].endswith(f"order {id_}, 17 characters of invalid JSON")
    assert letter["why"] == "KeyError: 'customer'"
    assert take(sqs, url, id_)


def test_a_redriven_queued_order_keeps_its_first_message_id(cafe, sqs, ann, ops):
    me = user_name(cafe, "ann")
    [id_] = send(sqs, cafe.outputs["intakeDlqUrl"], (json.dumps(ESPRESSO), me))

    assert ops("redrive", "intake") == (0, "intake: 1 sent back, 0 remaining\n")

    path = f"orders/{me}/{id_}"
    eventually(lambda: cafe.api.get(path, headers=ann).status_code == 200)
    [item] = cafe.api.get(path, headers=ann).json()["items"]
    assert item == {**ESPRESSO["items"][0], "type": "coffee", "price": 220}

    # Again, as if the message could not be deleted: it is the same order.
    attributes = {**from_gateway(me), "orderId": {"DataType": "String", "StringValue": id_}}
    sqs.send_message(
        QueueUrl=cafe.outputs["intakeDlqUrl"], MessageBody=json.dumps(ESPRESSO), MessageAttributes=attributes
    )
    assert ops("redrive", "intake") == (0, "intake: 1 sent back, 0 remaining\n")
    eventually(lambda: times_logged(cafe, "queuedOrderLambda", "already exists", id_) == 1)


def test_a_redriven_message_to_the_kitchen_is_handled(cafe, sqs, order, ops):
    placed = json.dumps({"customer": order["customer"], "id": order["id"]})
    sqs.send_message(QueueUrl=cafe.outputs["ordersDlqUrl"], MessageBody=placed)

    assert ops("redrive", "orders") == (0, "orders: 1 sent back, 0 remaining\n")

    eventually(lambda: times_logged(cafe, "sqsLambda", "skipped", order["id"]) == 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_listing_leaves_no_message_hidden(cafe, sqs, number):
    url = cafe.outputs["ordersDlqUrl"]
    sent = [sqs.send_message(QueueUrl=url, MessageBody=str(n))["MessageId"] for n in range(15)]
    command = [sys.executable, "-m", "ops", "dead-letters", "--home", str(cafe.home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        eventually(lambda: attributes_of(sqs, url)["ApproximateNumberOfMessagesNotVisible"] == "15")
        running.send_signal(number)
        out, err = running.communicate(timeout=TIMEOUT_SECONDS)

    left = attributes_of(sqs, url)
    try:
        assert (running.returncode, out, err) == (130, "", "")
        assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("15", "0")
    finally:
        for id_ in sent:
            take(sqs, url, id_)


class TestStream:
    @pytest.fixture
    def failed_batch(self, cafe, sqs):
        """Sends a batch to the failures queue, like Lambda. Returns the message id."""
        table = cafe.aws.client("dynamodb").describe_table(TableName=cafe.outputs["ordersTableName"])["Table"]
        stream = table["LatestStreamArn"]

        def failed_batch(first, last):
            info = {"streamArn": stream, "shardId": self.shard(cafe, stream), "batchSize": 1}
            info |= {"startSequenceNumber": first, "endSequenceNumber": last}
            context = {"requestId": "a-call", "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11}
            body = json.dumps({"requestContext": context, "version": "1.0", "DDBStreamBatchInfo": info})
            return sqs.send_message(QueueUrl=cafe.outputs["streamFailuresUrl"], MessageBody=body)["MessageId"]

        failed_batch.stream = stream
        return failed_batch

    def shard(self, cafe, stream):
        [shard] = cafe.aws.client("dynamodbstreams").describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
        return shard["ShardId"]

    def sequence_number(self, cafe, stream, order):
        """The sequence number of the record that inserts an order."""
        streams = cafe.aws.client("dynamodbstreams")
        where = {"StreamArn": stream, "ShardId": self.shard(cafe, stream), "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**where)["ShardIterator"]
        while records := (page := streams.get_records(ShardIterator=iterator))["Records"]:
            for record in records:
                if record["eventName"] == "INSERT" and record["dynamodb"]["Keys"]["id"]["S"] == order["id"]:
                    return record["dynamodb"]["SequenceNumber"]
            iterator = page["NextShardIterator"]
        raise AssertionError("the order is not in the stream")

    def test_a_redriven_batch_is_handled(self, cafe, order, failed_batch, ops):
        number = self.sequence_number(cafe, failed_batch.stream, order)
        id_ = failed_batch(number, number)

        about = f"1 records, RetryAttemptsExhausted: {order['customer']}/{order['id']}"
        assert f"{id_}  sent " in (shown := ops("dead-letters")[1])
        assert f"about: {about}\n" in shown
        # A function's lines arrive when its call ends, possibly after the kitchen has accepted the order.
        eventually(lambda: times_logged(cafe, "dynamoLambda", "notified the kitchen", order["id"]) == 1)
        assert ops("redrive", "stream") == (0, "stream: 1 sent back, 0 remaining\n")
        eventually(lambda: times_logged(cafe, "dynamoLambda", "notified the kitchen", order["id"]) == 2)

    def test_a_batch_no_longer_in_the_stream_stays_with_a_hint(self, cafe, sqs, failed_batch, ops):
        id_ = failed_batch("1".zfill(30), "2".zfill(30))

        code, out = ops("redrive", "stream")

        summary, line = out.splitlines()
        assert (code, summary) == (1, "stream: 0 sent back, 1 remaining")
        assert line.startswith(f"  {id_}: the stream keeps records for 24 hours and no longer has these; ")
        assert take(sqs, cafe.outputs["streamFailuresUrl"], id_)
