"""The intake queue: each message becomes one order, is dropped, or moves to the dead-letter queue."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lambdas.builders import failures, sqs_event, sqs_record
from tests.local.conftest import depth, eventually

MAX_RECEIVES = 5
VISIBILITY_SECONDS = 2
"""Time between two receives of a message. A good message that takes as long as all five would move to the dead-letter
queue."""

ESPRESSO = {"items": [{"name": "Espresso", "type": "coffee", "qty": 1}]}


@pytest.fixture(scope="module")
def sqs(cafe):
    return cafe.aws.client("sqs")


def attributes_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


@pytest.fixture(scope="module")
def intake(cafe, sqs):
    """The intake queue's URL, with a short visibility timeout."""
    dead_letters = attributes_of(sqs, cafe.outputs["intakeDlqUrl"])["QueueArn"]
    [url] = [
        url
        for url in sqs.list_queues()["QueueUrls"]
        if json.loads(attributes_of(sqs, url).get("RedrivePolicy", "{}")).get("deadLetterTargetArn") == dead_letters
    ]
    before = attributes_of(sqs, url)["VisibilityTimeout"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)})
    yield url
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": before})


@pytest.fixture(scope="module")
def ann(cafe):
    return cafe.sign_in("ann")


def user_name(cafe, name):
    pool = cafe.outputs["userPoolId"]
    return cafe.aws.client("cognito-idp").admin_get_user(UserPoolId=pool, Username=f"{name}@example.com")["Username"]


def from_gateway(customer):
    """The message attributes that API Gateway sets."""
    return {} if customer is None else {"customer": {"DataType": "String", "StringValue": customer}}


def post(cafe, headers, body):
    """Queue an order through the API. Returns the message id."""
    queued = cafe.api.post("orders/queued", json=body, headers=headers)
    assert queued.status_code == 202, queued.text
    return queued.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"]


def send(sqs, url, *messages):
    """Send messages to the queue in one request, bypassing the gateway. Returns their ids."""
    entries = [
        {"Id": str(n), "MessageBody": body, "MessageAttributes": from_gateway(customer)}
        for n, (body, customer) in enumerate(messages)
    ]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]
    return [entry["MessageId"] for entry in sorted(sent, key=lambda entry: int(entry["Id"]))]


def failures_logged(cafe):
    """How many records have failed in the function so far."""
    function = cafe.aws.client("lambda").get_function_configuration(FunctionName=cafe.outputs["queuedOrderLambda"])
    logs = cafe.aws.client("logs").get_paginator("filter_log_events")
    return sum(
        '"message":"record failed"' in event["message"]
        for page in logs.paginate(logGroupName=function["LoggingConfig"]["LogGroup"])
        for event in page["events"]
    )


def order_ids(cafe, headers):
    return [order["id"] for order in cafe.api.get("orders?limit=100", headers=headers).json()]


@pytest.mark.long
def test_hopeless_orders_are_dropped_and_poison_messages_become_dead_letters(cafe, sqs, intake, ann):
    me, stranger = user_name(cafe, "ann"), user_name(cafe, "bob")
    # The first message takes the longest: it starts the function.
    first = post(cafe, ann, ESPRESSO)
    eventually(lambda: first in order_ids(cafe, ann))
    failed_before = failures_logged(cafe)
    began = time.monotonic()

    sent = send(
        sqs,
        intake,
        ("{ this is not JSON", me),
        (json.dumps(ESPRESSO), me),
        (json.dumps(ESPRESSO), None),
        (json.dumps({**ESPRESSO, "restaurantId": "r 7"}), me),
        ('{"items": [{"name": "\\ud800", "qty": 1e400}]}', me),
    )
    foreign = post(cafe, ann, {**ESPRESSO, "customer": stranger})
    queued = post(cafe, ann, ESPRESSO)
    good, poison = {sent[1], sent[3], queued}, sent[2]

    eventually(lambda: good <= set(order_ids(cafe, ann)))
    created_after = time.monotonic() - began
    ours, dead_letters = {*sent, foreign, queued, first}, {}

    def has_arrived():
        for message in sqs.receive_message(
            QueueUrl=cafe.outputs["intakeDlqUrl"], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", []):
            # Other tests may have left theirs.
            if message["MessageId"] in ours:
                dead_letters[message["MessageId"]] = message
            sqs.delete_message(QueueUrl=cafe.outputs["intakeDlqUrl"], ReceiptHandle=message["ReceiptHandle"])
        return bool(dead_letters)

    eventually(has_arrived)

    # Only the message without a customer, which no client can send, is a dead letter.
    assert {id_: message["Body"] for id_, message in dead_letters.items()} == {poison: json.dumps(ESPRESSO)}
    # A call's lines arrive when it ends, possibly after its messages have moved to the dead-letter queue.
    eventually(lambda: failures_logged(cafe) - failed_before >= MAX_RECEIVES)
    assert failures_logged(cafe) - failed_before == MAX_RECEIVES
    # The good messages became orders long before the poison message was moved.
    assert created_after < time.monotonic() - began - 1
    eventually(lambda: depth(cafe, "intakeQueueUrl") == 0)
    made = {*order_ids(cafe, ann), *order_ids(cafe, cafe.sign_in("bob"))}
    assert made & {sent[0], sent[4], poison, foreign} == set()


def deliver(cafe, event):
    """Invoke the function with a batch, as the queue does. Returns its answer."""
    answer = cafe.aws.client("lambda").invoke(
        FunctionName=cafe.outputs["queuedOrderLambda"], Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer
    return json.loads(answer["Payload"].read())


@pytest.mark.parametrize("at_once", [False, True], ids=["one after another", "at once"])
def test_a_message_delivered_twice_creates_one_order(cafe, ann, at_once):
    message_id = f"0000000{int(at_once)}-87a3-44ab-83d2-661975669482"
    event = sqs_event(sqs_record({"name": "Croissant", "quantity": 2}, message_id, user_name(cafe, "ann")))

    with ThreadPoolExecutor(2 if at_once else 1) as pool:
        answers = list(pool.map(lambda _: deliver(cafe, event), range(2)))

    assert answers == [failures(), failures()]
    [order] = [order for order in cafe.api.get("orders?limit=100", headers=ann).json() if order["id"] == message_id]
    assert order["items"] == [{"name": "Croissant", "type": "bakery", "qty": 2, "price": 250}]


def test_a_redelivered_message_does_not_change_the_order(cafe, ann):
    me = user_name(cafe, "ann")
    event = sqs_event(sqs_record(ESPRESSO, "00000002-87a3-44ab-83d2-661975669482", me))
    path = f"orders/{me}/00000002-87a3-44ab-83d2-661975669482"
    assert deliver(cafe, event) == failures()
    eventually(lambda: cafe.api.get(path, headers=ann).json()["status"] == "accepted")
    before = cafe.api.get(path, headers=ann)

    assert deliver(cafe, event) == failures()

    after = cafe.api.get(path, headers=ann)
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])
