"""A stream of records that a function reads."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, noting

stream = aws.kinesis.Stream("clicks", shard_count=1, retention_period=48 if CHANGED else 24)
read = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"]
reader = noting("reader", {"Action": [*read, "kinesis:DescribeStreamSummary"], "Resource": stream.arn})
aws.lambda_.EventSourceMapping(
    "clicks", event_source_arn=stream.arn, function_name=reader.arn, starting_position="TRIM_HORIZON"
)
pulumi.export("stream", stream.name)
