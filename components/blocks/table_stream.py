"""Reading a DynamoDB table's stream, so that a record that always fails is set aside and holds nobody up for long."""

import pulumi
import pulumi_aws as aws

from .iam import Grant
from .python_function import PythonFunction

BATCH_SIZE = 10
MAX_RETRIES = 10
"""How often a batch is delivered again before the record that fails is set aside."""

MAX_AGE_SECONDS = 3600
"""How old a record may grow before it is set aside; the stream itself keeps it for 24 hours."""


def read(table_arn: pulumi.Input[str], stream_arn: pulumi.Input[str]) -> list[Grant]:
    """What reading a table's stream takes."""
    return [
        {
            "actions": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            "resources": [stream_arn],
        },
        # AWS knows no single stream for this action: all streams of this one table.
        {"actions": ["dynamodb:ListStreams"], "resources": [pulumi.Output.concat(table_arn, "/stream/*")]},
    ]


def feed(
    name: str,
    function: PythonFunction,
    *,
    stream_arn: pulumi.Input[str],
    pattern: str,
    failures_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    parallelization: int | None = None,
) -> None:
    """Feed a function with the records that a filter pattern lets through. What it cannot handle is told to the queue
    of failures, by its position in the stream. `parallelization`: batches of a shard at once. Default: one."""
    aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=stream_arn,
        function_name=function.arn,
        starting_position="TRIM_HORIZON",
        batch_size=BATCH_SIZE,
        parallelization_factor=parallelization,
        filter_criteria={"filters": [{"pattern": pattern}]},
        function_response_types=["ReportBatchItemFailures"],
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=MAX_RETRIES,
        maximum_record_age_in_seconds=MAX_AGE_SECONDS,
        destination_config={"on_failure": {"destination_arn": failures_arn}},
        opts=opts,
    )
