"""Event source mappings, from queues and streams to Lambda functions."""

from typing import Any

from ..emulator_client import Aws
from .provider import Created, Existing, Inputs, Provider, pascal, provides


@provides("aws:lambda/eventSourceMapping:EventSourceMapping")
class EventSourceMapping(Provider):
    """Delivers a queue's or a stream's records to a function."""

    replace_on = frozenset({"eventSourceArn", "startingPosition"})

    def create(self, aws: Aws, inputs: Inputs) -> Created:
        uuid = aws.client("lambda").create_event_source_mapping(
            EventSourceArn=inputs["eventSourceArn"],
            **inputs.only(startingPosition="StartingPosition"),
            **_settings(inputs),
        )["UUID"]
        return Created(uuid, {"uuid": uuid})

    def update(self, aws: Aws, existing: Existing, inputs: Inputs) -> dict[str, Any]:
        # Lambda keeps what is not sent.
        removed = {name: empty for key, (name, empty) in EMPTY.items() if existing.inputs.get(key)}
        aws.client("lambda").update_event_source_mapping(UUID=existing.id, **{**removed, **_settings(inputs)})
        return {}

    def delete(self, aws: Aws, existing: Existing) -> None:
        aws.client("lambda").delete_event_source_mapping(UUID=existing.id)


EMPTY: dict[str, tuple[str, Any]] = {
    "filterCriteria": ("FilterCriteria", {}),
    "functionResponseTypes": ("FunctionResponseTypes", []),
    "scalingConfig": ("ScalingConfig", {}),
    "destinationConfig": ("DestinationConfig", {"OnFailure": {}}),
    "bisectBatchOnFunctionError": ("BisectBatchOnFunctionError", False),
}
"""What removes a setting, by input (Terraform's AWS provider, `aws_lambda_event_source_mapping`)."""


def _settings(inputs: Inputs) -> dict[str, Any]:
    settings = inputs.only(
        functionName="FunctionName",
        batchSize="BatchSize",
        functionResponseTypes="FunctionResponseTypes",
        bisectBatchOnFunctionError="BisectBatchOnFunctionError",
        maximumRetryAttempts="MaximumRetryAttempts",
        maximumRecordAgeInSeconds="MaximumRecordAgeInSeconds",
        parallelizationFactor="ParallelizationFactor",
    )
    for key in ("scalingConfig", "filterCriteria"):
        if value := inputs.get(key):
            settings[key[:1].upper() + key[1:]] = pascal(value)
    if destination := inputs.get("destinationConfig"):
        settings["DestinationConfig"] = {"OnFailure": {"Destination": destination["onFailure"]["destinationArn"]}}
    return settings
