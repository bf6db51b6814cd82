"""Alarms and the dashboard in the emulator, which evaluates alarms when a metric is put."""

import json

import pytest

from tests.local.conftest import eventually


@pytest.fixture(scope="module")
def alarms(cafe):
    pages = cafe.aws.client("cloudwatch").get_paginator("describe_alarms").paginate()
    topic = cafe.outputs["operationsTopicArn"]
    return [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmActions"] == [topic]]


@pytest.fixture
def received(cafe):
    """A function that receives the operations topic's new messages."""
    sqs = cafe.aws.client("sqs")
    url = sqs.create_queue(QueueName="operations-listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = cafe.aws.client("sns").subscribe(
        TopicArn=cafe.outputs["operationsTopicArn"], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]

    def receive():
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return [json.loads(json.loads(message["Body"])["Message"]) for message in answer.get("Messages", [])]

    yield receive
    cafe.aws.client("sns").unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def test_every_dead_letter_queue_has_an_alarm(cafe, alarms):
    names = {
        url.rpartition("/")[2] for output, url in cafe.outputs.items() if output.endswith(("DlqUrl", "FailuresUrl"))
    }
    watched = {
        dimension["Value"]
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }

    assert names == watched


def test_alarms_have_the_programs_settings(alarms):
    (latency,) = [alarm for alarm in alarms if alarm["MetricName"] == "Latency"]

    assert (latency["ExtendedStatistic"], latency["Threshold"], latency["Period"]) == ("p99", 2000, 300)
    assert (latency["DatapointsToAlarm"], latency["EvaluationPeriods"]) == (3, 3)
    assert (latency["TreatMissingData"], latency["OKActions"]) == ("notBreaching", latency["AlarmActions"])
    assert "saved query `slow-requests`" in latency["AlarmDescription"]


def test_an_alarm_notifies_the_operations_topic(cafe, alarms, received):
    (alarm,) = [alarm for alarm in alarms if "-stream-delay-" in alarm["AlarmName"]]
    client = cafe.aws.client("cloudwatch")

    datum = {"MetricName": "IteratorAge", "Dimensions": alarm["Dimensions"], "Value": 90_000, "Unit": "Milliseconds"}
    client.put_metric_data(Namespace="AWS/Lambda", MetricData=[datum])

    (now,) = client.describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
    assert now["StateValue"] == "ALARM"
    messages = eventually(lambda: [m for m in received() if m["AlarmName"] == alarm["AlarmName"]])
    assert (messages[0]["NewStateValue"], messages[0]["AlarmDescription"]) == ("ALARM", alarm["AlarmDescription"])


def test_the_dashboard_shows_the_alarms(cafe, alarms):
    name = cafe.outputs["dashboardName"]
    body = json.loads(cafe.aws.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])

    shown = [arn for widget in body["widgets"] for arn in widget["properties"].get("alarms", [])]
    assert sorted(shown) == sorted(alarm["AlarmArn"] for alarm in alarms)


def test_the_topics_key_rotates_and_is_not_shared_with_other_accounts(cafe):
    topic = cafe.aws.client("sns").get_topic_attributes(TopicArn=cafe.outputs["operationsTopicArn"])["Attributes"]
    kms = cafe.aws.client("kms")

    assert kms.get_key_rotation_status(KeyId=topic["KmsMasterKeyId"])["KeyRotationEnabled"]
    policy = json.loads(kms.get_key_policy(KeyId=topic["KmsMasterKeyId"], PolicyName="default")["Policy"])
    principals = [statement["Principal"] for statement in policy["Statement"]]
    account = cafe.outputs["operationsTopicArn"].split(":")[4]
    assert principals == [{"AWS": f"arn:aws:iam::{account}:root"}, {"Service": "cloudwatch.amazonaws.com"}]
