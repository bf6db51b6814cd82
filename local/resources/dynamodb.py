"""DynamoDB tables."""

from typing import Any

from ops.emulator_client import Aws

from .registry import Created, Planned, creates


@creates("aws:dynamodb/table:Table")
def table(aws: Aws, planned: Planned) -> Created:
    """Create a table with its indexes, stream, time to live and backups."""
    inputs, client = planned.inputs, aws.client("dynamodb")
    name = planned.physical_name()
    secondary = {
        "LocalSecondaryIndexes": [
            _index(inputs["hashKey"], index) for index in inputs.get("localSecondaryIndexes", [])
        ],
        "GlobalSecondaryIndexes": [
            _index(index["hashKey"], index) for index in inputs.get("globalSecondaryIndexes", [])
        ],
    }
    stream = (
        {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}}
        if inputs.get("streamEnabled")
        else {}
    )
    protection = inputs.only(deletionProtectionEnabled="DeletionProtectionEnabled")
    description = client.create_table(
        TableName=name,
        BillingMode=inputs["billingMode"],
        AttributeDefinitions=[
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
            for attribute in inputs["attributes"]
        ],
        KeySchema=_keys(inputs["hashKey"], inputs.get("rangeKey")),
        **{key: indexes for key, indexes in secondary.items() if indexes},
        **stream,
        **protection,
    )["TableDescription"]
    if ttl := inputs.get("ttl"):
        client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"AttributeName": ttl["attributeName"], "Enabled": ttl.get("enabled", True)},
        )
    if recovery := inputs.get("pointInTimeRecovery"):
        client.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery["enabled"]},
        )
    stream_arn = description.get("LatestStreamArn")
    return Created(name, {"name": name, "arn": description["TableArn"], "streamArn": stream_arn})


def _keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def _index(hash_key: str, index: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _keys(hash_key, index.get("rangeKey")),
        "Projection": {"ProjectionType": index["projectionType"]},
    }
