"""Lambda functions, aliases, event source mappings and permissions."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pulumi

from ops.emulator_client import Aws
from ops.errors import UserError

from .registry import SKIPPED, Created, Planned, creates, pascal

SKIPPED["aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"] = (
    "the emulator has no provisioned concurrency"
)

POLL_SECONDS = 0.2
"""The interval between checks whether a version is ready."""


@creates("aws:lambda/function:Function")
def function(aws: Aws, planned: Planned) -> Created:
    """Create a function from a code archive."""
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
        publish="Publish",
    )
    if environment := inputs.get("environment"):
        optional["Environment"] = {"Variables": environment["variables"]}
    if tracing := inputs.get("tracingConfig"):
        optional["TracingConfig"] = pascal(tracing)
    if logging := inputs.get("loggingConfig"):
        optional["LoggingConfig"] = pascal(logging)
    if snap_start := inputs.get("snapStart"):
        optional["SnapStart"] = pascal(snap_start)
    client = aws.client("lambda")
    made = client.create_function(
        FunctionName=name, Role=inputs["role"], Code={"ZipFile": zipped(inputs["code"])}, **optional
    )
    if reserved := inputs.get("reservedConcurrentExecutions"):
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    arn = made["FunctionArn"]
    return Created(name, {"name": name, "arn": arn, "version": made["Version"], "invokeArn": _invoke_arn(aws, arn)})


@creates("aws:lambda/alias:Alias")
def alias(aws: Aws, planned: Planned) -> Created:
    """Create an alias once its version is active: a snapshot takes a while."""
    inputs, client = planned.inputs, aws.client("lambda")
    function, version = inputs["functionName"], inputs["functionVersion"]
    client.get_waiter("published_version_active").wait(
        FunctionName=function, Qualifier=version, WaiterConfig={"Delay": POLL_SECONDS}
    )
    arn = client.create_alias(
        FunctionName=function,
        Name=inputs["name"],
        FunctionVersion=version,
        **inputs.only(description="Description"),
    )["AliasArn"]
    return Created(arn, {"arn": arn, "invokeArn": _invoke_arn(aws, arn)})


@creates("aws:lambda/eventSourceMapping:EventSourceMapping")
def event_source_mapping(aws: Aws, planned: Planned) -> Created:
    """Create an event source mapping, from a queue or a stream to a function."""
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
    return Created(uuid, {"uuid": uuid})


@creates("aws:lambda/permission:Permission")
def permission(aws: Aws, planned: Planned) -> Created:
    """Allow a principal to invoke a function."""
    inputs = planned.inputs
    statement = planned.physical_name("statementId")
    aws.client("lambda").add_permission(
        FunctionName=inputs["function"],
        StatementId=statement,
        Action=inputs["action"],
        Principal=inputs["principal"],
        **inputs.only(sourceArn="SourceArn", qualifier="Qualifier"),
    )
    return Created(statement, {"statementId": statement})


def _invoke_arn(aws: Aws, arn: str) -> str:
    """The ARN with which API Gateway invokes a function or an alias."""
    return f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def zipped(code: Any) -> bytes:
    """Convert an asset archive to a .zip file for Lambda."""
    if not isinstance(code, pulumi.AssetArchive):
        raise UserError(f"function code: expected an AssetArchive, got {type(code).__name__}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # In order: Pulumi's protocol does not keep it.
        for name, asset in sorted(code.assets.items()):
            if not isinstance(asset, pulumi.FileAsset):
                raise UserError(f"function code: expected a FileAsset for {name}, got {type(asset).__name__}")
            # A fixed time, so that the same files give the same bytes.
            archive.writestr(zipfile.ZipInfo(name), Path(asset.path).read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
