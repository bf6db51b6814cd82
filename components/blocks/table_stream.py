"""Reads a DynamoDB stream. A record that keeps failing goes to a failure queue and does not block others for long."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from .iam import Grant
from .python_function import PythonFunction

BATCH_SIZE = 10
MAX_RETRIES = 10
"""Retries of a batch before the failing record goes to the failure queue."""

MAX_AGE_SECONDS = 3600
"""Maximum age of a record before it goes to the failure queue; the stream itself keeps it for 24 hours."""


def read(stream_arn: pulumi.Input[str]) -> list[Grant]:
    """The permissions to read a table's stream."""
    return [
        {
            "actions": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            "resources": [stream_arn],
        },
        # AWS defines no resource for this action (service authorization reference).
        {"actions": ["dynamodb:ListStreams"], "resources": ["*"]},
    ]


def feed(
    name: str,
    function: PythonFunction,
    *,
    stream_arn: pulumi.Input[str],
    patterns: Sequence[str],
    failures_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    parallelization: int | None = None,
    from_now_on: bool = False,
) -> None:
    """Invoke a function with the records that match one of the filter patterns. The positions of records that it cannot
    handle go to the failure queue.

    `parallelization` is the number of concurrent batches per shard. Default: one. A reader that may be added to a table
    with data starts `from_now_on`: earlier records would exceed the maximum age and fill the failure queue. Default:
    with the oldest record of the stream.
    """
    aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=stream_arn,
        function_name=function.arn,
        starting_position="LATEST" if from_now_on else "TRIM_HORIZON",
        batch_size=BATCH_SIZE,
        parallelization_factor=parallelization,
        filter_criteria={"filters": [{"pattern": pattern} for pattern in patterns]},
        function_response_types=["ReportBatchItemFailures"],
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=MAX_RETRIES,
        maximum_record_age_in_seconds=MAX_AGE_SECONDS,
        destination_config={"on_failure": {"destination_arn": failures_arn}},
        # A function has one mapping for a stream.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )
