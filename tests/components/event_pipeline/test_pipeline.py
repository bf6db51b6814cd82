"""The table, the queues and the event source mappings."""

import json

import pulumi_aws as aws
import pytest

from lambdas.orders.keys import INDEXES
from tests.components.recorder import Recorded, Recording


def consumer(cafe: Recording, source: Recorded) -> Recorded:
    return cafe.by(aws.lambda_.Function, "arn")[source["functionName"]]


def source_of(cafe: Recording, module: str) -> Recorded:
    (found,) = [
        source
        for source in cafe.of(aws.lambda_.EventSourceMapping)
        if consumer(cafe, source)["handler"] == f"lambdas.{module}.handler"
    ]
    return found


def test_every_queue_but_dead_letter_queues_has_a_consumer(cafe: Recording) -> None:
    read = {source["eventSourceArn"] for source in cafe.of(aws.lambda_.EventSourceMapping)}

    assert [str(q) for q in cafe.of(aws.sqs.Queue) if "redrivePolicy" in q.inputs and q.arn not in read] == []


@pytest.mark.parametrize(
    ("module", "size"), [("accept_order", 2), ("create_queued_order", 10), ("publish_changes", 10)]
)
def test_batch_sizes(dev: Recording, module: str, size: int) -> None:
    assert source_of(dev, module)["batchSize"] == size


def test_the_workflow_reads_the_orders_queue_with_the_same_batch_size(workflow: Recording) -> None:
    assert source_of(workflow, "start_workflow")["batchSize"] == 2


def test_queue_concurrency_limits_the_consumers(configured: Recording) -> None:
    queues = configured.by(aws.sqs.Queue, "arn")
    polled = [s for s in configured.of(aws.lambda_.EventSourceMapping) if s["eventSourceArn"] in queues]

    assert [source["scalingConfig"] for source in polled] == [{"maximumConcurrency": 7}] * 4


def test_stream_parallelization_comes_from_the_config(dev: Recording, configured: Recording) -> None:
    assert source_of(configured, "publish_changes")["parallelizationFactor"] == 4
    assert source_of(dev, "publish_changes")["parallelizationFactor"] == 1


def test_notifications_go_to_the_configured_address(configured: Recording) -> None:
    subscription = configured.one(aws.sns.TopicSubscription, "-notification-email")

    assert subscription["topic"] == configured.outputs["userNotificationTopicArn"]
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "counter@example.com")


def test_idempotency_records_expire(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-notifications")

    assert (table["hashKey"], table["billingMode"]) == ("id", "PAY_PER_REQUEST")
    assert table["ttl"] == {"attributeName": "expiration", "enabled": True}


def test_the_stack_outputs_name_the_orders_queue_and_its_function(cafe: Recording) -> None:
    orders_queue = cafe.by(aws.sqs.Queue, "url")[cafe.outputs["ordersQueueUrl"]]
    handler = cafe.by(aws.lambda_.Function, "name")[cafe.outputs["sqsLambda"]]["handler"].split(".")[1]

    assert source_of(cafe, handler)["eventSourceArn"] == orders_queue.arn
    assert orders_queue["visibilityTimeoutSeconds"] == 60


def test_the_stream_is_read_from_its_start_with_limited_retries(cafe: Recording) -> None:
    stream = source_of(cafe, "publish_changes")

    assert stream["eventSourceArn"] == cafe.one(aws.dynamodb.Table, "-orders").outputs["streamArn"]
    assert stream["startingPosition"] == "TRIM_HORIZON"
    assert stream["bisectBatchOnFunctionError"] is True
    # -1 means "as long as the stream keeps the record".
    assert stream["maximumRetryAttempts"] > 0
    assert 60 <= stream["maximumRecordAgeInSeconds"] <= 24 * 3600


def test_of_removals_only_those_of_open_orders_invoke_publish_changes(cafe: Recording) -> None:
    filters = source_of(cafe, "publish_changes")["filterCriteria"]["filters"]

    assert [json.loads(each["pattern"]) for each in filters] == [
        {"eventName": ["INSERT", "MODIFY"]},
        {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"status": {"S": ["created", "accepted", "ready"]}}}},
    ]


def test_stream_failures_have_their_own_queue(cafe: Recording) -> None:
    target = source_of(cafe, "publish_changes")["destinationConfig"]["onFailure"]["destinationArn"]
    queues = cafe.of(aws.sqs.Queue)

    assert [queue for queue in queues if target in queue.get("redrivePolicy", "")] == []
    assert cafe.by(aws.sqs.Queue, "url")[cafe.outputs["streamFailuresUrl"]].arn == target


def test_table_keys_and_billing(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-orders")

    assert (table["hashKey"], table["rangeKey"]) == ("customer", "id")
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert "readCapacity" not in table.inputs


def test_table_has_ttl_a_stream_and_point_in_time_recovery(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-orders")

    assert table["ttl"] == {"attributeName": "_expireOn", "enabled": True}
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table["pointInTimeRecovery"] == {"enabled": True}


def test_table_has_the_indexes_that_the_code_queries(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-orders")
    local = {(i["name"], table["hashKey"], i["rangeKey"], i["projectionType"]) for i in table["localSecondaryIndexes"]}
    other = {(i["name"], i["hashKey"], i["rangeKey"], i["projectionType"]) for i in table["globalSecondaryIndexes"]}

    assert local == {(i.name, i.partition_key, "_at", "ALL") for i in INDEXES if i.local}
    assert other == {(i.name, i.partition_key, "_at", "ALL") for i in INDEXES if not i.local}


def test_table_declares_only_key_attributes(cafe: Recording) -> None:
    table = cafe.one(aws.dynamodb.Table, "-orders")
    indexes = [*table["localSecondaryIndexes"], *table["globalSecondaryIndexes"]]
    keys = {table["hashKey"], table["rangeKey"]}
    keys |= {index[key] for index in indexes for key in ("hashKey", "rangeKey") if key in index}

    declared = [attribute["name"] for attribute in table["attributes"]]
    # DynamoDB rejects an attribute that is declared twice or is not a key.
    assert sorted(declared) == sorted(keys)
    assert {attribute["type"] for attribute in table["attributes"]} == {"S"}
