"""A table whose changes reach a function."""

import pulumi
import pulumi_aws as aws
from common import CHANGED, noting

table = aws.dynamodb.Table(
    "items",
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    attributes=[{"name": "id", "type": "S"}],
    stream_enabled=True,
    stream_view_type="NEW_AND_OLD_IMAGES",
)
read = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
reader = noting("reader", {"Action": read, "Resource": table.stream_arn})
aws.lambda_.EventSourceMapping(
    "items",
    event_source_arn=table.stream_arn,
    function_name=reader.arn,
    starting_position="TRIM_HORIZON",
    batch_size=5 if CHANGED else 10,
)
pulumi.export("table", table.name)
