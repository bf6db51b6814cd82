"""DynamoDB tables."""

import time
from collections.abc import Iterator, Mapping, Set
from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides

THROUGHPUT = "ProvisionedThroughput"

POLL_SECONDS = 0.2
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
            **_capacity(inputs),
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
        client, table, attributes = aws.client("dynamodb"), existing.id, _attributes(inputs)
        current = client.describe_table(TableName=table)["Table"]
        # DynamoDB accepts one change of an index or the stream per call.
        for change in [
            *_settings_changes(current, inputs),
            *({"AttributeDefinitions": attributes, **change} for change in _index_changes(current, inputs)),
            *_stream_changes(current, inputs),
        ]:
            client.update_table(TableName=table, **change)
            self._wait(aws, table)
        latest = client.describe_table(TableName=table)["Table"].get("LatestStreamArn")
        return {"streamArn": latest if inputs.get("streamEnabled") else None}

    def _wait(self, aws: Aws, table: str) -> None:
        """Wait until the table and its indexes are active."""
        client = aws.client("dynamodb")
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": POLL_SECONDS})
        while any(
            index.get("IndexStatus", "ACTIVE") != "ACTIVE"
            for index in client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes") or []
        ):
            time.sleep(POLL_SECONDS)

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        client = aws.client("dynamodb")
        self._set_ttl(client, id, inputs.get("ttl") or {})
        recovery = (inputs.get("pointInTimeRecovery") or {}).get("enabled", False)
        current = client.describe_continuous_backups(TableName=id)["ContinuousBackupsDescription"]
        status = current["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        if recovery != (status == "ENABLED"):
            client.update_continuous_backups(
                TableName=id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery}
            )

    def _set_ttl(self, client: Any, table: str, ttl: dict[str, Any]) -> None:
        """Set the time to live. DynamoDB refuses a request that changes nothing, or only the attribute."""
        current = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        attribute = current.get("AttributeName") if current["TimeToLiveStatus"] == "ENABLED" else None
        wanted = ttl["attributeName"] if ttl and ttl.get("enabled", True) else None
        if attribute and attribute != wanted:
            specification = {"AttributeName": attribute, "Enabled": False}
            client.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
        if wanted and attribute != wanted:
            specification = {"AttributeName": wanted, "Enabled": True}
            client.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)

    def has_data(self, aws: Aws, existing: Existing) -> bool:
        return bool(aws.client("dynamodb").scan(TableName=existing.id, Limit=1)["Count"])

    def delete(self, aws: Aws, existing: Existing) -> None:
        client = aws.client("dynamodb")
        client.delete_table(TableName=existing.id)
        client.get_waiter("table_not_exists").wait(TableName=existing.id, WaiterConfig={"Delay": POLL_SECONDS})

    def outputs_changed_by(self, inputs: Set[str]) -> Set[str]:
        return {"streamArn"} if inputs & {"streamEnabled", "streamViewType"} else frozenset()


def _capacity(inputs: Inputs) -> dict[str, Any]:
    """The billing mode, with the throughput of a provisioned table."""
    if inputs.get("billingMode") == "PAY_PER_REQUEST":
        return {"BillingMode": "PAY_PER_REQUEST"}
    return {"BillingMode": "PROVISIONED", THROUGHPUT: _units(inputs)}


def _units(given: Mapping[str, Any]) -> dict[str, int]:
    return {
        "ReadCapacityUnits": given.get("readCapacity") or 1,
        "WriteCapacityUnits": given.get("writeCapacity") or 1,
    }


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
        **({THROUGHPUT: _units(index)} if index.get("readCapacity") else {}),
        "KeySchema": _keys(hash_key, index.get("rangeKey")),
        "Projection": {
            "ProjectionType": index["projectionType"],
            **({"NonKeyAttributes": index["nonKeyAttributes"]} if index.get("nonKeyAttributes") else {}),
        },
    }


def _stream(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _settings_changes(current: Mapping[str, Any], inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Changes of the billing mode and the protection."""
    billing, capacity = current.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"), _capacity(inputs)
    before = {key: (current.get(THROUGHPUT) or {}).get(key) for key in capacity.get(THROUGHPUT, ())}
    if capacity["BillingMode"] != billing or capacity.get(THROUGHPUT, {}) != before:
        yield capacity
    protected = bool(inputs.get("deletionProtectionEnabled"))
    if protected != current.get("DeletionProtectionEnabled", False):
        yield {"DeletionProtectionEnabled": protected}


def _index_changes(current: Mapping[str, Any], inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Deletions and creations of global secondary indexes; another index of the same name replaces the first."""
    compared = ("IndexName", "KeySchema", "Projection")
    old = {
        index["IndexName"]: {key: index[key] for key in compared}
        for index in current.get("GlobalSecondaryIndexes") or []
    }
    new = _global_indexes(inputs)
    for name, index in old.items():
        if index != new.get(name):
            yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    for name, index in new.items():
        if index != old.get(name):
            yield {"GlobalSecondaryIndexUpdates": [{"Create": index}]}


def _stream_changes(current: Mapping[str, Any], inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Changes of the stream; a stream with other images needs the first to end."""
    old, new = current.get("StreamSpecification") or {"StreamEnabled": False}, _stream(inputs)
    if old == new:
        return
    if old["StreamEnabled"]:
        yield {"StreamSpecification": {"StreamEnabled": False}}
    if new["StreamEnabled"]:
        yield {"StreamSpecification": new}
