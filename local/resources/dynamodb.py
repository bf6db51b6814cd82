"""DynamoDB tables."""

from collections.abc import Set
from typing import Any

from ops.emulator_client import Aws

from .provider import Created, Existing, Inputs, Provider, provides

POLL_SECONDS = 1
"""The interval between checks whether a table is active."""


@provides("aws:dynamodb/table:Table")
class Table(Provider):
    """A table with its indexes, stream, time to live and backups."""

    name = "name"
    replace_on = frozenset({"name", "hashKey", "rangeKey", "localSecondaryIndexes"})
    holds_data = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        secondary = {
            "LocalSecondaryIndexes": [
                _index(inputs["hashKey"], index) for index in inputs.get("localSecondaryIndexes", [])
            ],
            "GlobalSecondaryIndexes": list(_global_indexes(inputs).values()),
        }
        stream = {"StreamSpecification": _stream(inputs)} if inputs.get("streamEnabled") else {}
        description = aws.client("dynamodb").create_table(
            TableName=inputs["name"],
            BillingMode=inputs["billingMode"],
            AttributeDefinitions=_attributes(inputs),
            KeySchema=_keys(inputs["hashKey"], inputs.get("rangeKey")),
            **{key: indexes for key, indexes in secondary.items() if indexes},
            **stream,
            **inputs.only(deletionProtectionEnabled="DeletionProtectionEnabled"),
        )["TableDescription"]
        return Created(
            inputs["name"], {"arn": description["TableArn"], "streamArn": description.get("LatestStreamArn")}
        )

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        before, attributes = Inputs(existing.inputs), _attributes(inputs)
        changes: list[dict[str, Any]] = []
        # DynamoDB accepts one change of an index or the stream per call.
        old, new = _global_indexes(before), _global_indexes(inputs)
        replaced = {name for name in old if old[name] != new.get(name)}
        changes += [{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]} for name in sorted(replaced)]
        changes += [
            {"AttributeDefinitions": attributes, "GlobalSecondaryIndexUpdates": [{"Create": index}]}
            for name, index in new.items()
            if name not in old or name in replaced
        ]
        if (stream := _stream(inputs)) != _stream(before):
            if before.get("streamEnabled"):
                changes.append({"StreamSpecification": {"StreamEnabled": False}})
            if stream["StreamEnabled"]:
                changes.append({"StreamSpecification": stream})
        settings = {
            "BillingMode": inputs["billingMode"],
            "DeletionProtectionEnabled": bool(inputs.get("deletionProtectionEnabled")),
        }
        client = aws.client("dynamodb")
        for change in [settings, *changes]:
            client.update_table(TableName=existing.id, **change)
            client.get_waiter("table_exists").wait(TableName=existing.id, WaiterConfig={"Delay": POLL_SECONDS})
        table = client.describe_table(TableName=existing.id)["Table"]
        return {"streamArn": table.get("LatestStreamArn") if inputs.get("streamEnabled") else None}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        client = aws.client("dynamodb")
        ttl = inputs.get("ttl")
        current = client.describe_time_to_live(TableName=id)["TimeToLiveDescription"]
        if ttl or current["TimeToLiveStatus"] == "ENABLED":
            attribute = ttl["attributeName"] if ttl else current["AttributeName"]
            enabled = ttl.get("enabled", True) if ttl else False
            client.update_time_to_live(
                TableName=id, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled}
            )
        recovery = inputs.get("pointInTimeRecovery") or {"enabled": False}
        client.update_continuous_backups(
            TableName=id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery["enabled"]}
        )

    def delete(self, aws: Aws, existing: Existing) -> None:
        client = aws.client("dynamodb")
        client.delete_table(TableName=existing.id)
        client.get_waiter("table_not_exists").wait(TableName=existing.id, WaiterConfig={"Delay": POLL_SECONDS})

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        return {"streamArn"} if inputs & {"streamEnabled", "streamViewType"} else frozenset()


def _attributes(inputs: Inputs) -> list[dict[str, str]]:
    return [
        {"AttributeName": attribute["name"], "AttributeType": attribute["type"]} for attribute in inputs["attributes"]
    ]


def _keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def _global_indexes(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """The table's global secondary indexes, by name."""
    return {index["name"]: _index(index["hashKey"], index) for index in inputs.get("globalSecondaryIndexes") or []}


def _index(hash_key: str, index: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["name"],
        "KeySchema": _keys(hash_key, index.get("rangeKey")),
        "Projection": {"ProjectionType": index["projectionType"]},
    }


def _stream(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}
