"""Lambda: functions, event sources and permissions."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pulumi

from local.aws import Aws
from local.errors import LocalError
from local.resources.registry import Made, Planned, creates, pascal


@creates("aws:lambda/function:Function")
def function(aws: Aws, planned: Planned) -> Made:
    """A function."""
    inputs = planned.inputs
    name = planned.physical_name()
    optional = inputs.only(
        runtime="Runtime",
        handler="Handler",
        description="Description",
        timeout="Timeout",
        memorySize="MemorySize",
        architectures="Architectures",
        layers="Layers",
    )
    if environment := inputs.get("environment"):
        optional["Environment"] = {"Variables": environment["variables"]}
    if tracing := inputs.get("tracingConfig"):
        optional["TracingConfig"] = pascal(tracing)
    if logging := inputs.get("loggingConfig"):
        optional["LoggingConfig"] = pascal(logging)
    arn = aws.client("lambda").create_function(
        FunctionName=name, Role=inputs["role"], Code={"ZipFile": zipped(inputs["code"])}, **optional
    )["FunctionArn"]
    invoke_arn = f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return Made(name, {"name": name, "arn": arn, "invokeArn": invoke_arn})


@creates("aws:lambda/eventSourceMapping:EventSourceMapping")
def event_source_mapping(aws: Aws, planned: Planned) -> Made:
    """What a function is called for."""
    inputs = planned.inputs
    optional = inputs.only(
        batchSize="BatchSize",
        startingPosition="StartingPosition",
        functionResponseTypes="FunctionResponseTypes",
        bisectBatchOnFunctionError="BisectBatchOnFunctionError",
        maximumRetryAttempts="MaximumRetryAttempts",
        maximumRecordAgeInSeconds="MaximumRecordAgeInSeconds",
        parallelizationFactor="ParallelizationFactor",
    )
    if scaling := inputs.get("scalingConfig"):
        optional["ScalingConfig"] = pascal(scaling)
    if criteria := inputs.get("filterCriteria"):
        optional["FilterCriteria"] = pascal(criteria)
    if destination := inputs.get("destinationConfig"):
        optional["DestinationConfig"] = {"OnFailure": {"Destination": destination["onFailure"]["destinationArn"]}}
    uuid = aws.client("lambda").create_event_source_mapping(
        EventSourceArn=inputs["eventSourceArn"], FunctionName=inputs["functionName"], **optional
    )["UUID"]
    return Made(uuid, {"uuid": uuid})


@creates("aws:lambda/permission:Permission")
def permission(aws: Aws, planned: Planned) -> Made:
    """Who may call a function."""
    inputs = planned.inputs
    statement = planned.physical_name("statementId")
    aws.client("lambda").add_permission(
        FunctionName=inputs["function"],
        StatementId=statement,
        Action=inputs["action"],
        Principal=inputs["principal"],
        **inputs.only(sourceArn="SourceArn"),
    )
    return Made(statement, {"statementId": statement})


def zipped(code: Any) -> bytes:
    """An archive of named files as the zip that Lambda takes."""
    if not isinstance(code, pulumi.AssetArchive):
        raise LocalError(f"code of the kind {type(code).__name__} is not known here; give an AssetArchive")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, asset in code.assets.items():
            if not isinstance(asset, pulumi.FileAsset):
                raise LocalError(f"{name} in the code is not a FileAsset")
            archive.writestr(name, Path(asset.path).read_bytes())
    return packed.getvalue()
