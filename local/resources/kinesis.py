"""Kinesis streams."""

from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, provides

RETENTION_HOURS = 24
"""Retention of a stream that sets none (Kinesis API reference, CreateStream)."""


@provides("aws:kinesis/stream:Stream")
class Stream(Provider):
    """A stream with a number of shards."""

    name = "name"
    replace_on = frozenset({"name"})
    holds_data = True

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        client, name = aws.client("kinesis"), inputs["name"]
        client.create_stream(StreamName=name, ShardCount=inputs.get("shardCount") or 1)
        client.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        return Created(aws.arn("kinesis", f"stream/{name}"), {"arn": aws.arn("kinesis", f"stream/{name}")})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        shards = inputs.get("shardCount") or 1
        if shards != (existing.inputs.get("shardCount") or 1):
            aws.client("kinesis").update_shard_count(
                StreamName=inputs["name"], TargetShardCount=shards, ScalingType="UNIFORM_SCALING"
            )
        return {}

    def configure(self, aws: Aws, id: str, inputs: Inputs) -> None:
        client, name, hours = aws.client("kinesis"), inputs["name"], inputs.get("retentionPeriod") or RETENTION_HOURS
        before = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["RetentionPeriodHours"]
        if hours > before:
            client.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
        elif hours < before:
            client.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("kinesis").delete_stream(StreamName=existing.inputs["name"], EnforceConsumerDeletion=True)
