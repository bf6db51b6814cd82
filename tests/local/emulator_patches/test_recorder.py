"""What the emulator records, through its services."""

import io
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator_client import Aws
from local.emulator_settings import OBSERVER
from local.recorder.recordings import Recordings, follow
from tests.local.conftest import eventually, running_emulator

REGION, ACCOUNT = "us-east-1", "000000000000"

HANDLER = """
import json, os, urllib.request
import boto3

def handler(event, context):
    print(json.dumps({"level": "INFO", "message": "called", "trace": os.environ["_X_AMZN_TRACE_ID"]}))
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError(f"as asked {event['fail']}")
    if isinstance(event, dict) and event.get("table"):
        client = boto3.client("dynamodb")
        try:
            client.put_item(TableName=event["table"], Item={"id": {"S": event["id"]}})
        except client.exceptions.ClientError as error:
            return {"denied": str(error)}
    return {"done": True}
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    with running_emulator(tmp_path_factory.mktemp("recorded")) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def recordings(emulator):
    recordings = Recordings()

    def keep():
        for record in follow(emulator.records):
            recordings.add(record)

    threading.Thread(target=keep, daemon=True).start()
    return recordings


@pytest.fixture(scope="module")
def aws(emulator):
    return Aws(emulator.endpoint, REGION)


@pytest.fixture
def happening(recordings):
    """The records of a kind that come during a test, by a function that waits for the first."""
    before = recordings.number

    def found(kind, title="", number=1, **patience):
        def matching():
            return [it for it in recordings.since(before)[1] if it.kind == kind and title in it.title]

        eventually(lambda: len(matching()) >= number, **patience)
        return matching()

    return found


def test_a_call_has_all_that_was_said(aws, happening):
    aws.client("sqs").create_queue(QueueName="said", tags={"a": "é"})
    [record] = happening("call", "sqs:CreateQueue")
    assert json.loads(record.request)["tags"] == {"a": "é"}
    assert "QueueUrl" in record.answer
    assert (record.status, record.is_ok, record.caller) == (200, True, "")
    assert record.verdicts[0].layer == "root"
    assert 0 < record.ms < 10_000


def test_a_call_that_fails_is_recorded_too(aws, happening):
    with pytest.raises(aws.client("sqs").exceptions.QueueDoesNotExist):
        aws.client("sqs").get_queue_url(QueueName="none")
    [record] = happening("call", "sqs:GetQueueUrl")
    assert (record.status, record.is_ok) == (400, False)


def role(aws, name, *statements, boundary=None):
    """The ARN of a role with these statements, and a boundary with those."""
    iam = aws.client("iam")
    limits = {}
    if boundary:
        document = json.dumps({"Version": "2012-10-17", "Statement": boundary})
        policy = iam.create_policy(PolicyName=f"{name}-boundary", PolicyDocument=document)["Policy"]["Arn"]
        limits = {"PermissionsBoundary": policy}
    trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **limits)["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    return arn


def as_role(aws, emulator, arn, **limits):
    given = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="tester", **limits)["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=REGION)
    return lambda service: session.client(service, endpoint_url=emulator.endpoint)


ALLOW = {"Sid": "Mine", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
DENY = {"Sid": "Never", "Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
OTHER = {"Sid": "Other", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("name", "statements", "boundary", "expected"),
    [
        ("allowed", [OTHER, ALLOW], None, (True, "identity", "Mine")),
        ("within", [ALLOW], [ALLOW], (True, "identity", "Mine")),
        ("lacking", [OTHER], None, (False, "identity", None)),
        ("denied", [ALLOW, DENY], None, (False, "identity", "Never")),
        ("unbound", [ALLOW], [OTHER], (False, "boundary", None)),
        ("bound", [ALLOW], [ALLOW, DENY], (False, "boundary", "Never")),
    ],
)
def test_a_verdict_names_what_decided(aws, emulator, happening, name, statements, boundary, expected):
    url = aws.client("sqs").create_queue(QueueName=f"verdict-{name}")["QueueUrl"]
    sqs = as_role(aws, emulator, role(aws, name, *statements, boundary=boundary))("sqs")
    if expected[0]:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    else:
        with pytest.raises(sqs.exceptions.ClientError, match="AccessDenied"):
            sqs.send_message(QueueUrl=url, MessageBody="x")
    [record] = happening("call", "sqs:SendMessage")
    [verdict] = record.verdicts
    assert (verdict.is_allowed, verdict.layer, (verdict.statement or {}).get("sid")) == expected
    assert verdict.resource == f"arn:aws:sqs:{REGION}:{ACCOUNT}:verdict-{name}"
    assert record.caller == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/tester"
    assert record.is_ok is expected[0]


@pytest.mark.parametrize(
    ("name", "statements", "boundary", "effect", "expected"),
    [
        ("open", [OTHER], None, "Allow", (True, "resource", "Here")),
        ("open-within", [OTHER], [ALLOW], "Allow", (True, "resource", "Here")),
        ("both", [ALLOW], None, "Allow", (True, "identity", "Mine")),
        ("closed", [ALLOW], None, "Deny", (False, "resource", "Here")),
        ("neither", [OTHER], None, "Deny", (False, "resource", "Here")),
    ],
)
def test_what_the_resource_decides(aws, emulator, happening, name, statements, boundary, effect, expected):
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    role_arn = role(aws, f"guest-{name}", *statements, boundary=boundary)
    session = role_arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/tester"
    here = {"Sid": "Here", "Effect": effect, "Principal": {"AWS": session}, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [here]})
    url = aws.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    with suppress(ClientError):
        as_role(aws, emulator, role_arn)("sqs").send_message(QueueUrl=url, MessageBody="x")
    [record] = happening("call", "sqs:SendMessage")
    verdict = record.verdicts[0]
    assert (verdict.is_allowed, verdict.layer, (verdict.statement or {}).get("sid")) == expected


def test_what_a_keys_policy_lacks(aws, emulator, happening):
    admin = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = aws.client("kms").create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [admin]}))
    kms = as_role(aws, emulator, role(aws, "keys", {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}))("kms")
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.encrypt(KeyId=key["KeyMetadata"]["KeyId"], Plaintext=b"x")
    [record] = happening("call", "kms:Encrypt")
    assert [(it.is_allowed, it.layer, it.statement) for it in record.verdicts] == [(False, "resource", None)]


def test_what_a_session_lacks(aws, emulator, happening):
    arn = role(aws, "limited", ALLOW)
    url = aws.client("sqs").create_queue(QueueName="limited")["QueueUrl"]
    limit = json.dumps({"Version": "2012-10-17", "Statement": [OTHER]})
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role(aws, emulator, arn, Policy=limit)("sqs").send_message(QueueUrl=url, MessageBody="x")
    [record] = happening("call", "sqs:SendMessage")
    assert [(it.is_allowed, it.layer, it.statement) for it in record.verdicts] == [(False, "session", None)]


def test_what_nobody_is_denied(aws, emulator, happening):
    as_role(aws, emulator, role(aws, "anybody", OTHER))("sts").get_caller_identity()
    [record] = happening("call", "sts:GetCallerIdentity")
    assert record.verdicts[0].layer == "unconditional"


def test_what_only_shows_what_happens_is_not_recorded(emulator, happening):
    Aws(emulator.endpoint, REGION, user_agent=OBSERVER).client("sqs").list_queues()
    Aws(emulator.endpoint, REGION).client("sns").list_topics()
    happening("call", "sns:ListTopics")
    with pytest.raises(AssertionError):
        happening("call", "sqs:ListQueues", seconds=1)


@pytest.fixture(scope="module")
def function(aws):
    """A function with a role that may put into one table."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("recorded.py", HANDLER)
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:PutItem",
        "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/mine",
    }
    aws.client("lambda").create_function(
        FunctionName="recorded-1",
        Role=role(aws, "function", statement),
        Runtime="python3.13",
        Handler="recorded.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=20,
    )
    for table in ("mine", "yours"):
        aws.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
    return "recorded-1"


def invoke(aws, function, event):
    return json.load(aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))["Payload"])


def test_an_invocation_has_its_event_answer_and_log(aws, function, happening):
    assert invoke(aws, function, {"x": "é"}) == {"done": True}
    assert invoke(aws, function, [1]) == {"done": True}
    first, second = happening("invocation", "recorded", 2)
    assert json.loads(first.request) == {"x": "é"}
    assert json.loads(first.answer) == {"done": True}
    assert '"message": "called"' in first.log
    assert second.is_cold is False
    assert first.passed != second.passed
    assert first.passed in first.log


def test_a_failed_invocation_has_its_traceback(aws, function, happening):
    invoke(aws, function, {"fail": True})
    [record] = happening("invocation", "recorded")
    assert not record.is_ok
    assert "as asked" in record.error
    assert "recorded.py" in record.traceback


def test_calls_and_changes_belong_to_what_made_them(aws, function, happening, recordings):
    assert invoke(aws, function, {"table": "mine", "id": "1"}) == {"done": True}
    [invocation], [call], [change] = happening("invocation"), happening("call", "dynamodb:PutItem"), happening("stream")
    assert recordings.parent(call) == invocation
    assert recordings.parent(change) == call
    assert eventually(lambda: recordings.parent(invocation)).title == "lambda:InvokeFunction"
    assert change.title == "INSERT in the stream of mine"
    assert call.caller.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/function/")


def test_a_denied_call_of_a_function(aws, function, happening):
    assert "not authorized" in invoke(aws, function, {"table": "yours", "id": "1"})["denied"]
    [call] = happening("call", "dynamodb:PutItem")
    assert not call.is_ok
    assert call.verdicts[0].statement is None


def test_messages_are_recorded_wherever_they_come_from(aws, happening, recordings):
    sqs, sns = aws.client("sqs"), aws.client("sns")
    arns = {}
    for name in ("sent", "from-topic"):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = arns[name] = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sent = sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="sent")["QueueUrl"], MessageBody="one")["MessageId"]
    entries = [{"Id": str(n), "MessageBody": f"of a batch {n}"} for n in range(3)]
    sqs.send_message_batch(QueueUrl=sqs.get_queue_url(QueueName="sent")["QueueUrl"], Entries=entries)
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns["from-topic"])
    sns.publish(TopicArn=topic, Message="of a topic")

    messages = happening("message", "", 5)
    assert [it.request for it in messages[:4]] == ["one", "of a batch 0", "of a batch 1", "of a batch 2"]
    assert messages[0].ids == (sent,)
    assert json.loads(messages[4].request)["Message"] == "of a topic"
    assert messages[4].target == arns["from-topic"]
    [published] = happening("topic")
    assert (published.target, published.request) == (topic, "of a topic")
    assert eventually(lambda: recordings.parent(messages[4])).title == "sns:Publish"
    assert len(happening("message")) == 5


def test_many_messages_at_once_are_recorded_once(aws, happening):
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url, arn = sqs.create_queue(QueueName="crowd")["QueueUrl"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:crowd"
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    topic = sns.create_topic(Name="crowd")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def send(number):
        if number % 2:
            sqs.send_message(QueueUrl=url, MessageBody=f"{number}")
        else:
            sns.publish(TopicArn=topic, Message=f"{number}")
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(60)))
    messages = happening("message", "crowd", 60)
    assert len({it.ids for it in messages}) == len(messages) == 60


@pytest.mark.parametrize("event", [{"Records": None}, {"Records": [None, 1, {"Sns": None}]}, None, 1, "é", [[[]]]])
def test_odd_events_are_recorded(aws, function, happening, event):
    assert invoke(aws, function, event) == {"done": True}
    [record] = happening("invocation")
    assert json.loads(record.request) == event


def test_a_half_character_is_replaced(aws, function, happening):
    with suppress(ClientError):  # the emulator cannot answer with it
        invoke(aws, function, {"fail": "\ud83d"})
    assert "as asked" in happening("invocation")[0].error


def test_a_long_error_is_cut(aws, function, happening):
    invoke(aws, function, {"fail": "x" * 300_000})
    [record] = happening("invocation")
    assert len(record.error) < 140_000
    assert len(record.traceback) < 70_000


def test_dead_letters_are_recorded_when_they_move(aws, happening):
    sqs = aws.client("sqs")
    sqs.create_queue(QueueName="dead")
    redrive = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "maxReceiveCount": 1})
    url = sqs.create_queue(QueueName="alive", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})[
        "QueueUrl"
    ]
    id_ = sqs.send_message(QueueUrl=url, MessageBody="poison")["MessageId"]
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    first, moved = happening("message", "", 2)
    assert (first.ids, moved.ids) == ((id_,), (id_,))
    assert moved.title == "message to dead"


@pytest.mark.parametrize("version", ["ses", "sesv2"])
def test_mail_is_recorded_without_its_code(aws, happening, version):
    aws.client("ses").verify_email_identity(EmailAddress="cafe@example.com")
    message = {"Subject": {"Data": "Welcome"}, "Body": {"Text": {"Data": "Your code is 123456"}}}
    to = {"ToAddresses": ["ann@example.com"]}
    if version == "ses":
        aws.client("ses").send_email(Source="cafe@example.com", Destination=to, Message=message)
    else:
        content = {"Simple": message}
        aws.client("sesv2").send_email(FromEmailAddress="cafe@example.com", Destination=to, Content=content)
    [mail] = happening("mail")
    assert mail.title == "mail: Welcome"
    assert json.loads(mail.request)["to"] == ["ann@example.com"]
    assert "123456" not in mail.request


def test_large_payloads_are_cut(aws, happening):
    aws.client("s3").create_bucket(Bucket="large")
    aws.client("s3").put_object(Bucket="large", Key="a", Body=b"x" * 300_000)
    [record] = happening("call", "s3:PutObject")
    assert "[cut: " in record.request
    assert len(record.request) < 70_000
